// What a user of any system does, so that its kernel shows itself: types commands, waits, presses keys.
import type { Machine } from '../../../emulator/index.ts';

/** A guest to be observed: machines of it can be had again and again, each the same. */
export interface ObservedGuest {
  readonly name: string;
  /** Text that its shell shows when it waits for a line; undefined for one that nobody types at. */
  readonly prompt: string | undefined;
  /** A machine that stands at the prompt, or before the first instruction of a guest without one. To be closed by the caller. */
  start(): Promise<Machine>;
}

/** Commands that shells of most systems know. One that is unknown does no harm: it is a process of its own, too. */
export const COMMANDS: readonly string[] = [
  'ls',
  'ps',
  'echo hello',
  'ls / | sort | wc',
  'cat /etc/motd',
  'sh',
  'ls',
  'echo inner | cat',
  'pwd | sort',
  'exit',
  'ls /bin | sort | wc',
  'uname',
  'sleep 1 & ls',
  'pwd',
  'ps',
];

/** The first of them: enough where only switches of threads are wanted. */
export const SOME_COMMANDS = COMMANDS.slice(0, 6);

/** Commands typed without waiting for an answer: the machine has work for as long as they last. */
export const LOAD: readonly string[] = Array.from({ length: 8 }, () => 'ls /bin | sort | cat | sort | wc');

/** Letters, as scancodes of set 1 and as characters: pressed one by one, and none of them ends a line. */
export const KEYS: readonly { readonly scancode: number; readonly character: string }[] = [
  { scancode: 0x1e, character: 'a' },
  { scancode: 0x30, character: 'b' },
  { scancode: 0x12, character: 'e' },
  { scancode: 0x23, character: 'h' },
  { scancode: 0x31, character: 'n' },
  { scancode: 0x2d, character: 'x' },
];

/** The scancode of a key's release. */
export const RELEASED = 0x80;

/** Virtual milliseconds after which a command is waited for no longer. */
const PATIENCE = 4000;

/** Types lines one by one, each when the prompt has come. @param run how the machine runs until the condition holds. */
export async function converse(
  machine: Machine,
  prompt: string,
  lines: readonly string[],
  run: (until: () => boolean, milliseconds: number) => Promise<void> = async (until, milliseconds) =>
    void (await machine.run({ until, for: milliseconds })),
): Promise<void> {
  for (const line of lines) {
    const from = machine.console.length + line.length;
    machine.type(`${line}\n`);
    await run(() => machine.console.since(from).includes(prompt), PATIENCE);
  }
}
