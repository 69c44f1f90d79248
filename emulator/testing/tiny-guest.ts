// For tests: whole guests of a few instructions, as multiboot images. A prologue sets up segments, gates, a TSS and paging.
import { makeImage } from '../boot/image-maker.ts';
import { type Item, Layout, label, long, short } from './assembly.ts';
import { GATE, gate, gdt, PAGE, SELECTOR, taskState } from './system-tables.ts';
import * as x86 from './x86.ts';

/** Where a tiny guest has its parts: physical addresses, and virtual ones too unless a test maps them elsewhere. */
export const PLACE = {
  gdt: 0x101000,
  idt: 0x102000,
  tss: 0x103000,
  secondTss: 0x104000,
  pageDirectory: 0x105000,
  pageTable: 0x106000,
  /** PAE: the four PDPTEs, the page directory of the first GiB, and the tables of its first 4 MiB. */
  pdpt: 0x107000,
  paeDirectory: 0x108000,
  paeTables: 0x109000,
  prologue: 0x10f000,
  kernel: 0x110000,
  kernelStack: 0x120000,
  /** Stack of the task of the second TSS. */
  taskStack: 0x122000,
  user: 0x200000,
  userStack: 0x210000,
  /** Pages that the program at CPL 3 may write. */
  data: 0x220000,
  /** A page that only the kernel may access. */
  kernelData: 0x230000,
  /** A page that CPL 3 may only read. */
  readOnly: 0x240000,
  /** Pages that are not mapped. */
  unmapped: 0x300000,
} as const;

/** RAM of a tiny guest in bytes. */
export const MEMORY_SIZE = 8 << 20;

/** The vector by which a program at CPL 3 ends the run. */
export const EXIT = 0x81;

/** A gate of the IDT. */
export interface GateDescription {
  /** Label of the handler. */
  readonly to: string;
  /** @default 0 */
  readonly dpl?: 0 | 3;
  /** @default 'interrupt' */
  readonly type?: keyof typeof GATE;
  /** @default the kernel's code segment */
  readonly selector?: number;
}

/** A tiny guest. */
export interface GuestDescription {
  /** Code at CPL 0: runs when the prologue is done, interrupts off. */
  readonly kernel: readonly Item[];
  /** Code for CPL 3, entered by `enterUser`. */
  readonly user?: readonly Item[];
  /** More code and data by address. */
  readonly more?: readonly { readonly at: number; readonly items: readonly Item[] }[];
  /** Gates by vector; other vectors below 64 lead to a handler that ends the run. */
  readonly gates?: Readonly<Record<number, GateDescription>>;
  /** Page-table entries by virtual address, in place of those by default; 0 for none. Not with PAE. */
  readonly pages?: Readonly<Record<number, number>>;
  /** @default '4 KiB' */
  readonly paging?: 'none' | '4 KiB' | '4 MiB' | 'PAE';
  /** Label that the call gate leads to. */
  readonly callGate?: string;
  /** Label where the task of the second TSS starts. */
  readonly task?: string;
}

/** A tiny guest that is laid out. */
export interface TinyGuest {
  readonly image: Uint8Array<ArrayBuffer>;
  /** The address of a label; `kernel` and `user` are where those parts start. */
  readonly address: (label: string) => number;
}

/** From CPL 0 to a label at CPL 3, interrupts off, by IRET. */
export const enterUser = (to = 'user', flags = 2): Item => [
  x86.push(SELECTOR.userData),
  x86.push(PLACE.userStack),
  x86.push(flags),
  x86.push(SELECTOR.userCode),
  x86.push(to),
  x86.iret,
];

/** Ends the run from CPL 3. */
export const exitUser: Item = x86.int(EXIT);

const ENTRIES_OF_TABLE = 1024;

function pageTable(pages: Readonly<Record<number, number>>): Item {
  const table = Array.from({ length: ENTRIES_OF_TABLE }, (_, page) => defaultEntry(page << 12));
  for (const [address, entry] of Object.entries(pages)) table[Number(address) >>> 12] = entry;
  return table.map(long);
}

/** Identity, the kernel below 2 MiB. */
function defaultEntry(address: number): number {
  if (address >= PLACE.unmapped) return 0;
  if (address === PLACE.readOnly) return address | PAGE.present | PAGE.user;
  const user = address >= PLACE.user && address !== PLACE.kernelData ? PAGE.user : 0;
  return address | PAGE.present | PAGE.writable | user;
}

/** Identity for the first 4 MiB, in entries of 64 bits. */
const paeTables = (): Item =>
  Array.from({ length: ENTRIES_OF_TABLE }, (_, page) => [long(defaultEntry(page << 12)), long(0)]);

const PAGING = {
  none: [],
  '4 KiB': turnOn(PLACE.pageDirectory, 0),
  '4 MiB': turnOn(PLACE.pageDirectory, 0x10),
  // v86 knows large pages only with CR4.PSE, which PAE does not need on hardware.
  PAE: turnOn(PLACE.pdpt, 0x30),
} as const satisfies Readonly<Record<string, Item>>;

function turnOn(cr3: number, cr4: number): Item {
  return [
    ...[x86.mov('eax', cr3), x86.movToControl(3, 'eax')],
    ...[x86.mov('eax', cr4), x86.movToControl(4, 'eax')],
    ...[x86.movFromControl('eax', 0), [0x0d, long(0x80010000)], x86.movToControl(0, 'eax')], // or eax, PG | WP
  ];
}

function prologue(paging: Item): Item {
  return [
    ...[label('prologue'), x86.lgdt('gdtr'), x86.farJump(SELECTOR.kernelCode, 'reloaded'), label('reloaded')],
    ...[x86.mov('eax', SELECTOR.kernelData), x86.movToSegment(2, 'eax'), x86.mov('esp', PLACE.kernelStack)],
    ...[x86.mov('eax', SELECTOR.userData), [0, 3, 4, 5].map((segment) => x86.movToSegment(segment, 'eax'))],
    ...[x86.lidt('idtr'), x86.mov('eax', SELECTOR.tss), x86.ltr('eax'), paging],
    ...[[0, 1, 2, 3, 6, 7].map((n) => [0xb8 + n, long(0)]), x86.jmp('kernel')],
    ...[label('gdtr'), short(8 * 8 - 1), long(PLACE.gdt)],
    ...[label('idtr'), short(256 * 8 - 1), long(PLACE.idt)],
    ...[label('unexpected'), x86.finish, label('exit'), x86.finish],
  ];
}

/** Lays a guest out. */
export function tinyGuest(guest: GuestDescription): TinyGuest {
  const layout = new Layout();
  layout.add(PLACE.prologue, prologue(PAGING[guest.paging ?? '4 KiB']));
  layout.add(PLACE.kernel, label('kernel'), ...guest.kernel);
  layout.add(PLACE.user, label('user'), ...(guest.user ?? []));
  for (const { at, items } of guest.more ?? []) layout.add(at, ...items);
  const callGate = layout.address(guest.callGate ?? 'unexpected');
  layout.add(PLACE.gdt, gdt(PLACE.tss, PLACE.secondTss, callGate));
  layout.add(PLACE.idt, idt(layout, guest.gates ?? {}));
  const cr3 = guest.paging === 'PAE' ? PLACE.pdpt : guest.paging === 'none' ? 0 : PLACE.pageDirectory;
  const task = layout.address(guest.task ?? 'unexpected');
  layout.add(PLACE.tss, taskState({ esp0: PLACE.kernelStack, cr3, eip: 0, esp: 0 }));
  layout.add(PLACE.secondTss, taskState({ esp0: PLACE.kernelStack, cr3, eip: task, esp: PLACE.taskStack }));
  addPageTables(layout, guest);
  const segments = layout.programs().map(({ origin, bytes }) => ({ address: origin, bytes }));
  const image = makeImage('a tiny guest', segments, layout.address('prologue'));
  return { image, address: (name) => layout.address(name) };
}

function idt(layout: Layout, gates: Readonly<Record<number, GateDescription>>): Item {
  return Array.from({ length: 256 }, (_, vector) => {
    const described = gates[vector] ?? (vector === EXIT ? { to: 'exit', dpl: 3 } : undefined);
    if (!described && vector >= 64) return [long(0), long(0)];
    const { to, dpl = 0, type = 'interrupt', selector = SELECTOR.kernelCode } = described ?? { to: 'unexpected' };
    return gate(type === 'task' ? 0 : layout.address(to), selector, GATE[type], dpl);
  });
}

function addPageTables(layout: Layout, { paging, pages = {} }: GuestDescription): void {
  const all = PAGE.present | PAGE.writable | PAGE.user;
  if (paging === 'PAE') {
    layout.add(PLACE.pdpt, long(PLACE.paeDirectory | PAGE.present), long(0));
    layout.add(
      PLACE.paeDirectory,
      [0, 1].map((i) => [long((PLACE.paeTables + i * 4096) | all), long(0)]),
      ...[long(0x400000 | all | PAGE.large), long(0)],
    );
    layout.add(PLACE.paeTables, paeTables());
    return;
  }
  // The second 4 MiB are one large page, which CR4.PSE turns on.
  const large = paging === '4 MiB' ? 0x400000 | all | PAGE.large : 0;
  layout.add(PLACE.pageDirectory, long(PLACE.pageTable | all), long(large));
  layout.add(PLACE.pageTable, pageTable(pages));
}
