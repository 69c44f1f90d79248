// What a test says to a guest, and what it gets back.

/** Waits until `until` has appeared in the serial output (behind the last step's), then types. */
export interface Step {
  readonly until: string;
  /** Text for the serial line. */
  readonly send?: string;
  /** Scancodes (set 1) for the keyboard. */
  readonly keys?: readonly number[];
}

/** How to run a guest. */
export interface BootOptions {
  readonly steps?: readonly Step[];
  /** @default true */
  readonly jit?: boolean;
  /** @default 32 */
  readonly memoryMib?: number;
  readonly commandLine?: string;
  /** Gives up after so many virtual milliseconds: 100,000 instructions each, or time that the guest idled away. @default 60000 */
  readonly limitMs?: number;
}

/** How a run went. */
export interface Run {
  /** All bytes of the serial line, as Latin-1. */
  readonly output: string;
  /** Instructions executed when each step's text appeared, and at the end. */
  readonly instructions: readonly number[];
  /** Why it ended: all steps done, halted with interrupts off, or out of time. */
  readonly end: 'done' | 'halted' | 'exhausted';
  /** The text screen, 25 lines. */
  readonly screen: readonly string[];
}

/** The prompt of the shell, on both consoles. */
export const PROMPT = 'pup# ';

/** Steps that type commands at the serial console, one after the other, and end at the prompt after the last. */
export const typing = (...commands: readonly string[]): Step[] => [
  ...commands.map((command) => ({ until: PROMPT, send: `${command}\n` })),
  { until: PROMPT },
];

const KEYS = "\0\x1b1234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
const RELEASED = 0x80;

/** Scancodes that press and release the keys for a text without capitals. */
export const scancodes = (text: string): number[] =>
  [...text].flatMap((character) => [KEYS.indexOf(character), KEYS.indexOf(character) | RELEASED]);

/** A record such as `@truth total syscalls=3`: its words, then its fields. */
export interface GuestRecord {
  readonly words: readonly string[];
  readonly fields: ReadonlyMap<string, string>;
}

/** The records of a kind in a serial output: lines that begin with `@kind`. */
export function records(output: string, kind: 'truth' | 'villain'): GuestRecord[] {
  const lines = output.split('\r\n').filter((line) => line.startsWith(`@${kind} `));
  return lines.map((line) => {
    const parts = line.split(' ').slice(1);
    const isField = (part: string) => part.includes('=');
    return {
      words: parts.filter((part) => !isField(part)),
      fields: new Map(parts.filter(isField).map((part) => part.split('=', 2) as [string, string])),
    };
  });
}
