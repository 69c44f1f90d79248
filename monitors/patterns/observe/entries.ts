// Ways into the kernel and out of it, and what the CPU's registers name: counted, never stopped at.
import { type Cr3, type Machine, type Subscription, virt, x86 } from '../../../emulator/index.ts';

/** A way by which programs call the kernel. */
export interface ObservedGate {
  readonly kind: 'int' | 'sysenter' | 'call-gate';
  readonly vector: number;
  readonly selector: number;
  /** The first instruction of the kernel's. */
  readonly entry: number;
  count: number;
}

/** Interrupts of one vector. */
export interface ObservedVector {
  /** Virtual milliseconds of each, up to a limit. */
  readonly times: number[];
  count: number;
}

/** Consecutive pages, for programs or for the kernel alone. */
export interface MappedRun {
  readonly from: number;
  to: number;
  readonly user: boolean;
}

/** What was counted. */
export interface Entries {
  readonly gates: Map<string, ObservedGate>;
  /** Instructions that went from CPL 0 to CPL 3. */
  readonly exits: Map<number, { readonly way: string; count: number }>;
  /** Vectors by which CPL 3 was left: system calls, interrupts and exceptions. */
  readonly vectors: Map<number, number>;
  readonly interrupts: Map<number, ObservedVector>;
  /** Addresses of HLT at CPL 0. */
  readonly halts: Map<number, number>;
  readonly spaces: Set<Cr3>;
  /** Instructions that load CR3, by MOV or as a hardware task switch. */
  readonly cr3Writes: Map<number, { readonly cause: string; count: number }>;
  /** Values that ESP0 of the TSS took, and instructions that stored them. */
  readonly esp0: { readonly values: Set<number>; readonly stores: Map<number, number> };
  /** What is mapped in some of the spaces that programs run in, and that the kernel runs in for them: runs of pages by who may access them. */
  readonly maps: MappedRun[][];
  /** Whether any instruction ran at CPL 3. */
  programs: boolean;
}

export const newEntries = (): Entries => ({
  ...{ gates: new Map(), exits: new Map(), vectors: new Map(), interrupts: new Map(), halts: new Map() },
  ...{
    spaces: new Set(),
    cr3Writes: new Map(),
    esp0: { values: new Set(), stores: new Map() },
    programs: false,
    maps: [],
  },
});

const MOST_TIMES = 4000;
/** Spaces whose pages are listed. */
const MOST_MAPS = 12;
const LONGEST_CALL = 15;

/** Counts in a map. */
export const countIn = <Key>(map: Map<Key, number>, key: Key): void => void map.set(key, (map.get(key) ?? 0) + 1);

/** Counts while it lives. */
export function watchEntries(machine: Machine, decoder: x86.InstructionDecoder, entries: Entries): Subscription {
  const counted = <Value extends { count: number }>(map: Map<number, Value>, key: number, make: () => Value): void => {
    const value = map.get(key);
    if (value) value.count++;
    else map.set(key, make());
  };
  const looked = new Set<Cr3>();
  const lookAt = (space: Cr3, always: boolean): void => {
    if (entries.maps.length >= MOST_MAPS || looked.has(space)) return;
    looked.add(space);
    const runs = mappedRuns(machine, space);
    if (always || runs.some(({ user }) => user)) entries.maps.push(runs);
  };
  const parts = [
    machine.on('syscall', (event) => {
      const { gate, vector, eip } = event;
      const selector = gate === 'call-gate' ? calledSelector(machine, decoder, eip) : 0;
      const key = `${gate} ${gate === 'int' ? vector : selector}`;
      const known = entries.gates.get(key);
      if (known) known.count++;
      else {
        const entry = gateEntry(machine, gate, vector, selector);
        if (entry !== undefined) entries.gates.set(key, { kind: gate, vector, selector, entry, count: 1 });
      }
      if (gate === 'int') countIn(entries.vectors, vector);
      entries.programs = true;
      // A program that calls has its pages: a space that is only being made has none yet.
      lookAt(event.cr3, true);
    }),
    machine.on('cpl-change', ({ old, value, eip, way }) => {
      if (value !== 3 || old !== 0) return;
      counted(entries.exits, eip, () => ({ way, count: 1 }));
      entries.programs = true;
    }),
    machine.on('interrupt', ({ vector, cpl, time }) => {
      if (cpl === 3) countIn(entries.vectors, vector);
      const known = entries.interrupts.get(vector);
      if (!known) entries.interrupts.set(vector, { times: [time], count: 1 });
      else {
        known.count++;
        if (known.times.length < MOST_TIMES) known.times.push(time);
      }
    }),
    machine.on('exception', ({ vector, cpl }) => void (cpl === 3 && countIn(entries.vectors, vector))),
    machine.on('halt', ({ halted, eip, cpl }) => void (halted && cpl === 0 && countIn(entries.halts, eip))),
    machine.on('cr3-write', ({ old, value, eip, cause }) => {
      // A kernel may hide most of itself while programs run, and show it in a space of its own.
      lookAt(old, false);
      entries.spaces.add(value);
      counted(entries.cr3Writes, eip, () => ({ cause, count: 1 }));
    }),
    machine.on('tss-esp0', ({ value, eip }) => {
      entries.esp0.values.add(value);
      countIn(entries.esp0.stores, eip);
    }),
  ];
  entries.spaces.add(machine.cpu.cr3);
  return {
    [Symbol.dispose]: () => {
      for (const part of parts) part[Symbol.dispose]();
    },
  };
}

/** Runs of pages of an address space. */
export function mappedRuns(machine: Machine, space: Cr3): MappedRun[] {
  const runs: MappedRun[] = [];
  for (const { start, bytes, rights } of machine.memory.mappings(space)) {
    const last = runs.at(-1);
    if (last && last.to === start && last.user === rights.user) last.to = start + bytes;
    else runs.push({ from: start, to: start + bytes, user: rights.user });
  }
  return runs;
}

/** The selector of a far call, from its bytes. */
function calledSelector(machine: Machine, decoder: x86.InstructionDecoder, eip: number): number {
  const bytes = machine.memory.read(virt(eip), LONGEST_CALL);
  const found = bytes instanceof Uint8Array ? decoder.analyse(bytes, virt(eip)) : undefined;
  const [target] = found?.kind === 'instruction' ? found.operands : [];
  return target?.kind === 'far' ? target.selector : 0;
}

function gateEntry(machine: Machine, kind: ObservedGate['kind'], vector: number, selector: number): number | undefined {
  const { cpu } = machine;
  if (kind === 'sysenter') return cpu.msr.sysenterEip;
  const LDTR = 7;
  const inLdt = kind === 'call-gate' && (selector & 4) !== 0;
  const base =
    kind === 'int' ? cpu.idtrBase + vector * 8 : (inLdt ? cpu.segment(LDTR).base : cpu.gdtrBase) + (selector & ~7);
  const descriptor = readDescriptor(machine, base);
  return descriptor && 'offset' in descriptor ? descriptor.offset >>> 0 : undefined;
}

/** The descriptor at an address. */
export function readDescriptor(machine: Machine, address: number): x86.Descriptor | undefined {
  const low = machine.memory.readWord(virt(address));
  const high = machine.memory.readWord(virt(address + 4));
  return low === undefined || high === undefined ? undefined : x86.decodeDescriptor(low, high);
}
