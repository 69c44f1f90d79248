// The few instructions between v86's multiboot loader and a kernel: what firmware does to the devices, a flat GDT, the registers
// that the kernel expects, a jump. Encodings: Intel SDM volume 2; descriptors: volume 3, "Segment Descriptors".

import { ATTRIBUTE_RESET_PORT, FIRMWARE_WRITES } from './firmware.ts';

/** Selectors of the flat segments. 0x10 and 0x18 are what the Linux boot protocol asks for, and suit everyone else. */
export const CODE_SELECTOR = 0x10;
export const DATA_SELECTOR = 0x18;

/** Registers given to the kernel; those not named are zero. ESP points to the end of the stub's page. */
export interface EntryRegisters {
  readonly eax?: number;
  readonly ebx?: number;
  readonly esi?: number;
}

/** Bytes that the stub takes, with its tables and its stack. */
export const ENTRY_STUB_SIZE = 4096;

const GDT_OFFSET = 0x100;
const GDTR_OFFSET = 0x140;
const WRITES_OFFSET = 0x200;
/** Base 0, limit 4 GiB, present, ring 0, 32-bit: type 0x9a is code, 0x92 data. */
const flatDescriptor = (type: number): number[] => [0xff, 0xff, 0, 0, 0, type, 0xcf, 0];
const NULL_DESCRIPTOR = new Array<number>(8).fill(0);
const GDT = [...NULL_DESCRIPTOR, ...NULL_DESCRIPTOR, ...flatDescriptor(0x9a), ...flatDescriptor(0x92)];

const le16 = (value: number): number[] => [value & 0xff, (value >>> 8) & 0xff];
const le32 = (value: number): number[] => [...le16(value), ...le16(value >>> 16)];

/**
 * Code that runs at `address` (guest-physical, page-aligned) in flat 32-bit protected mode without paging, entered at its
 * first byte, and jumps to `entry` (guest-physical).
 */
export function entryStub(address: number, entry: number, registers: EntryRegisters): Uint8Array {
  const code: number[] = [];
  code.push(0xfa, 0xfc); // cli; cld
  code.push(0x0f, 0x01, 0x15, ...le32(address + GDTR_OFFSET)); // lgdt [GDTR]
  code.push(0xea, ...le32(address + code.length + 7), ...le16(CODE_SELECTOR)); // jmp CODE_SELECTOR:next
  code.push(0x66, 0xb8, ...le16(DATA_SELECTOR)); // mov ax, DATA_SELECTOR
  for (const modrm of [0xd8, 0xc0, 0xd0, 0xe0, 0xe8]) code.push(0x8e, modrm); // mov ds|es|ss|fs|gs, ax
  code.push(...deviceSetup(address));
  code.push(0xb9, ...le32(0)); // mov ecx, 0
  code.push(0xba, ...le32(0)); // mov edx, 0
  code.push(0xbb, ...le32(registers.ebx ?? 0)); // mov ebx, ...
  code.push(0xbc, ...le32(address + ENTRY_STUB_SIZE)); // mov esp, ...
  code.push(0xbd, ...le32(0)); // mov ebp, 0
  code.push(0xbe, ...le32(registers.esi ?? 0)); // mov esi, ...
  code.push(0xbf, ...le32(0)); // mov edi, 0
  code.push(0xb8, ...le32(registers.eax ?? 0)); // mov eax, ...
  code.push(0xe9, ...le32(entry - (address + code.length + 5))); // jmp entry
  const stub = new Uint8Array(ENTRY_STUB_SIZE);
  stub.set(code);
  stub.set(GDT, GDT_OFFSET);
  stub.set([...le16(GDT.length - 1), ...le32(address + GDT_OFFSET)], GDTR_OFFSET);
  stub.set(
    FIRMWARE_WRITES.flatMap(([port, value]) => [...le16(port), value]),
    WRITES_OFFSET,
  );
  return stub;
}

/** Goes through the table of port writes, three bytes each. */
function deviceSetup(address: number): number[] {
  return [
    ...[0x66, 0xba, ...le16(ATTRIBUTE_RESET_PORT)], // mov dx, ATTRIBUTE_RESET_PORT
    0xec, // in al, dx
    ...[0xbe, ...le32(address + WRITES_OFFSET)], // mov esi, WRITES
    ...[0xb9, ...le32(FIRMWARE_WRITES.length)], // mov ecx, count
    ...[0x66, 0x8b, 0x16], // next: mov dx, [esi]
    ...[0x8a, 0x46, 0x02], // mov al, [esi + 2]
    0xee, // out dx, al
    ...[0x83, 0xc6, 0x03], // add esi, 3
    ...[0xe2, 0xf4], // loop next
  ];
}
