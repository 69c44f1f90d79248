// A Linux at work and at rest, in the boot that was inferred: what its system calls answer, compared with the fields that were inferred, and
// what is seen of gates, exits, processes and switches. Other commands than those that inference types.
import { type Cr3, type Machine, virt } from '../../emulator/index.ts';
import type { Field, ParameterName, ParameterValues } from '../../monitors/parameters.ts';
import { shell } from './linux-symbols.ts';

/** What was inferred, for the parameters that are known. */
export type Values = { readonly [Name in ParameterName]?: ParameterValues[Name] };

/** Numbers of i386: arch/x86/entry/syscalls/syscall_32.tbl. */
export const CALL = {
  exit: 1,
  fork: 2,
  read: 3,
  write: 4,
  open: 5,
  execve: 11,
  getpid: 20,
  getppid: 64,
  clone: 120,
  vfork: 190,
  gettid: 224,
  exitGroup: 252,
  setTidAddress: 258,
  execveat: 358,
  clone3: 435,
} as const;
export const CREATE: readonly number[] = [CALL.fork, CALL.clone, CALL.vfork, CALL.clone3];
export const REPLACE: readonly number[] = [CALL.execve, CALL.execveat];
export const END: readonly number[] = [CALL.exit, CALL.exitGroup];

/** What a run showed. */
export interface LinuxRun {
  /** Whether the field agreed with answers of the kernel to programs, some at least and all of them. */
  agrees(parameter: ParameterName): boolean;
  /** Gates that programs took. */
  readonly gates: ReadonlySet<string>;
  /** Instructions that went back to programs. */
  readonly exits: ReadonlySet<number>;
  /** Numbers of calls that created, replaced and ended. */
  readonly calls: ReadonlySet<number>;
}

/** How a gate is named in `LinuxRun`. */
export const gateName = (kind: string, vector = 0): string => (kind === 'int' ? `int ${vector}` : kind);

/** Runs commands and compares fields with answers of getpid, gettid, set_tid_address, getppid, and with the names that programs run under. */
export async function watchLinux(
  machine: Machine,
  { current, processId, threadGroup, name, parent }: Values,
): Promise<LinuxRun> {
  const right = new Map<string, number>();
  const wrong = new Map<string, number>();
  const note = (parameter: ParameterName, agrees: boolean): void => {
    const counts = agrees ? right : wrong;
    counts.set(parameter, (counts.get(parameter) ?? 0) + 1);
  };
  /** A space that shows the kernel's memory, as those of programs may not. */
  let space: Cr3 | undefined;
  const word = (address: number): number => machine.memory.readWord(virt(address), space) ?? 0;
  const place = (task: number, { offset, via }: Field): number =>
    via === undefined ? task + offset : word(task + via) + offset;
  const FS = 4;
  let base: number | undefined;
  const task = (): number | undefined =>
    base === undefined || current?.how !== 'segment' ? undefined : word(base + current.offset);
  let open: { readonly number: number; readonly task: number } | undefined;
  const [gates, exits, calls, names] = [new Set<string>(), new Set<number>(), new Set<number>(), new Set<string>()];
  using _base = machine.on('cr3-write', ({ cpu, cpl, value }) => {
    if (cpl !== 0 || cpu.segment(FS).base === 0) return;
    base = cpu.segment(FS).base;
    const at = virt(base + (current?.how === 'segment' ? current.offset : 0));
    if (machine.memory.translate(at, value) !== undefined) space = value;
  });
  using _exits = machine.on('cpl-change', ({ value, eip }) => void (value === 3 && exits.add(eip)));
  using _calls = machine.on('syscall', ({ number, gate, vector }) => {
    gates.add(gateName(gate, vector));
    if (REPLACE.includes(number) || END.includes(number)) calls.add(number);
    const pointer = task();
    open = pointer === undefined ? undefined : { number, task: pointer };
    if (pointer === undefined || !name) return;
    const text = machine.memory.readString(virt(place(pointer, name)), name.length, space);
    if (typeof text === 'string') names.add(text);
  });
  using _returns = machine.on('syscall-return', ({ value, entry }) => {
    const pointer = task();
    if (entry !== 'syscall' || pointer === undefined || open?.task !== pointer) return;
    const { number } = open;
    open = undefined;
    if (CREATE.includes(number) && value > 0 && value < 0x7fffffff) calls.add(number);
    // include/linux/sched.h: pid_t pid; pid_t tgid; and task_struct *real_parent; *parent; each pair equal in processes of one thread.
    if (processId && [CALL.gettid, CALL.setTidAddress, CALL.getpid].includes(number as never)) {
      const at = place(pointer, processId);
      note('processId', word(at) === value && word(at + 4) === value && word(at - 4) !== value);
      note('current', word(at) === value);
    }
    if (threadGroup && number === CALL.getpid) {
      const at = place(pointer, threadGroup);
      note('threadGroup', word(at) === value && word(at - 4) === value && word(at + 4) !== value);
    }
    const group = threadGroup ?? processId;
    if (parent && group && number === CALL.getppid) {
      const at = place(pointer, parent);
      const named = word(at);
      note('parent', word(place(named, group)) === value && word(at + 4) === named && word(at - 4) !== named);
    }
  });
  await shell(machine, 'sh -c "sh -c pwd; pwd"; (sh -c ls | cat); ls; sleep 0 & wait');
  await shell(machine, 'cat /proc/self/comm');
  if (name)
    note(
      'name',
      ['sh', 'cat', 'ls'].every((one) => names.has(one)),
    );
  return {
    agrees: (parameter) => (right.get(parameter) ?? 0) > 0 && (wrong.get(parameter) ?? 0) === 0,
    ...{ gates, exits, calls },
  };
}
