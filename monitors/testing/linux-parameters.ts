// What is true of Debian's 6.1 kernel for 686: for tests of monitors that are not to depend on inference. Symbols are asked of the guest.
import { type Machine, virt } from '../../emulator/index.ts';
import { loadDecoder } from '../../emulator/x86/index.ts';
import type { ParameterValues } from '../parameters.ts';

/** Offsets in task_struct of 6.1.0-50-686, by the headers of that package. */
const TASK = { pid: 0x454, tgid: 0x458, realParent: 0x460, comm: 0x584 } as const;
const NAME_LENGTH = 16;
/** arch/x86/entry/syscalls/syscall_32.tbl */
const CALLS = {
  exit: 1,
  fork: 2,
  execve: 11,
  clone: 120,
  vfork: 190,
  exitGroup: 252,
  execveat: 358,
  clone3: 435,
} as const;
/** Virtual milliseconds for a search of all symbols, on slow machines too. */
const LISTING_PATIENCE = 600_000;
const WANTED = ['_text', '_etext', '__switch_to_asm', '__switch_to'] as const;

/** Types a line at a root shell that shows its prompt, and gives what the console shows up to the next prompt. */
export async function linuxCommand(machine: Machine, line: string, patience = 60_000): Promise<string> {
  const from = machine.console.length;
  machine.type(`${line}\n`);
  const shown = () => machine.console.since(from).replaceAll('\r\n', '\n');
  const end = await machine.run({ until: () => /(^|\n)# $/.test(shown()), for: patience });
  if (end !== 'until') throw new Error(`${JSON.stringify(line)}: expected the prompt, found "${end}" after ${shown()}`);
  return shown();
}

/** The parameters of a Debian 6.1 at its prompt; changes nothing but the shell's settings. */
export async function linuxValues(machine: Machine): Promise<Partial<ParameterValues>> {
  await linuxCommand(machine, 'stty -echo');
  await linuxCommand(machine, 'echo 0 > /proc/sys/kernel/kptr_restrict');
  const listing = await linuxCommand(machine, `grep -E ' (${WANTED.join('|')})$' /proc/kallsyms`, LISTING_PATIENCE);
  const symbols = new Map(
    [...listing.matchAll(/^([0-9a-f]{8}) \w (\w+)$/gm)].map(([, address, name]) => [
      name!,
      Number.parseInt(address!, 16),
    ]),
  );
  const at = (name: (typeof WANTED)[number]) => symbols.get(name)!;
  const stackSwitch = await find(machine, at('__switch_to_asm'), /^mov esp, \[e.x\+/);
  const store = await find(machine, at('__switch_to'), /^mov fs:\[0x\w+\], e(di|si|bx)$/);
  const byPath = { pathArgument: 'ebx' } as const;
  return {
    kernelSplit: virt(0xc0000000),
    kernelText: { from: virt(at('_text')), to: virt(at('_etext')) },
    systemCallNumber: 'eax',
    contextSwitch: {
      from: virt(at('__switch_to_asm')),
      to: virt(stackSwitch.address + 64),
      stackSwitch: virt(stackSwitch.address),
    },
    thread: { how: 'kernel-stack', stackSize: 8192 },
    current: { how: 'segment', segment: 'fs', offset: Number(/0x\w+/.exec(store.text)![0]) },
    processId: { offset: TASK.pid, size: 4 },
    threadGroup: { offset: TASK.tgid, size: 4 },
    name: { offset: TASK.comm, length: NAME_LENGTH, pointer: false },
    parent: { offset: TASK.realParent, kind: 'pointer' },
    createCalls: [CALLS.fork, CALLS.clone, CALLS.vfork, CALLS.clone3].map((number) => ({ number })),
    replaceCalls: [
      { number: CALLS.execve, ...byPath },
      { number: CALLS.execveat, pathArgument: 'ecx' },
    ],
    endCalls: [{ number: CALLS.exit }, { number: CALLS.exitGroup }],
  };
}

/** The last instruction of a function that reads as wanted. */
async function find(machine: Machine, from: number, wanted: RegExp) {
  const { decodeAt } = await loadDecoder();
  let found: { readonly address: number; readonly text: string } | undefined;
  for (let at = from; ; ) {
    const bytes = machine.memory.read(virt(at), 15);
    const one = bytes instanceof Uint8Array ? decodeAt(bytes, virt(at)) : undefined;
    if (one?.kind !== 'instruction') break;
    if (wanted.test(one.text)) found = { address: at, text: one.text };
    if (one.flow === 'return' || (one.flow === 'jump' && found)) break;
    at += one.length;
  }
  if (!found) throw new Error(`0x${from.toString(16)}: expected an instruction that reads ${wanted}, found none`);
  return found;
}
