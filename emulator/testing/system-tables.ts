// For tests: descriptor tables, task-state segments and page tables as bytes (SDM vol. 3, chapters 3 to 7).
import { type Item, long, type Reference, short } from './assembly.ts';

/** Selectors of the GDT that every tiny guest has. */
export const SELECTOR = {
  kernelCode: 0x08,
  kernelData: 0x10,
  userCode: 0x1b,
  userData: 0x23,
  tss: 0x28,
  secondTss: 0x30,
  callGate: 0x3b,
} as const;

/** A flat 4 GiB segment: access byte, granularity 4 KiB and 32-bit. */
const flat = (access: number): Item => [0xff, 0xff, 0, 0, 0, access, 0xcf, 0];

/** An available 32-bit TSS of 104 bytes. */
const tss = (base: number): Item => [short(103), short(base & 0xffff), (base >>> 16) & 0xff, 0x89, 0x00, base >>> 24];

/** The parts of a gate that hold an offset are 16 bits each, which a reference can't be: a gate is built once addresses are known. */
export const gate = (offset: number, selector: number, type: number, dpl: number): Item => [
  short(offset & 0xffff),
  short(selector),
  0,
  0x80 | (dpl << 5) | type,
  short(offset >>> 16),
];

/** Gate types. */
export const GATE = { task: 0x5, call: 0xc, interrupt: 0xe, trap: 0xf } as const;

/** The GDT, in the order of SELECTOR. */
export const gdt = (firstTss: number, secondTss: number, callGateTarget: number): Item => [
  long(0),
  long(0),
  flat(0x9a),
  flat(0x92),
  flat(0xfa),
  flat(0xf2),
  tss(firstTss),
  tss(secondTss),
  gate(callGateTarget, SELECTOR.kernelCode, GATE.call, 3),
];

/** A 32-bit TSS with the state of a task that starts in the kernel. */
export function taskState(state: {
  readonly esp0: number;
  readonly cr3: number;
  readonly eip: number | Reference;
  readonly esp: number;
}): Item {
  const data = SELECTOR.kernelData;
  return [
    ...[long(0), long(state.esp0), long(data), long(0), long(0), long(0), long(0)],
    ...[long(state.cr3), long(state.eip), long(2), long(0), long(0), long(0), long(0), long(state.esp)],
    ...[long(0), long(0), long(0)],
    ...[long(data), long(SELECTOR.kernelCode), long(data), long(data), long(data), long(data), long(0)],
    [short(0), short(104)],
  ];
}

/** Bits of a page-table entry. */
export const PAGE = { present: 1, writable: 2, user: 4, large: 0x80, global: 0x100 } as const;
