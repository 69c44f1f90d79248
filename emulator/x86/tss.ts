// The 32-bit task-state segment: where each field lies.
// Source: Intel SDM volume 3A, "Task Management", 32-bit Task-State Segment.

/**
 * Byte offset of each field from the TSS's base. Registers and stack pointers are 32 bits wide; selectors (LINK, SS0-2, ES-GS,
 * LDT), TRAP and IOMAP are 16.
 */
export const TSS32 = {
  /** Selector of the previous task, written by a CALL or interrupt through a task gate. */
  LINK: 0x00,
  /** Stack pointer and segment loaded on entry to ring 0 from an outer ring: what a kernel changes at each task switch. */
  ESP0: 0x04,
  SS0: 0x08,
  ESP1: 0x0c,
  SS1: 0x10,
  ESP2: 0x14,
  SS2: 0x18,
  CR3: 0x1c,
  EIP: 0x20,
  EFLAGS: 0x24,
  EAX: 0x28,
  ECX: 0x2c,
  EDX: 0x30,
  EBX: 0x34,
  ESP: 0x38,
  EBP: 0x3c,
  ESI: 0x40,
  EDI: 0x44,
  ES: 0x48,
  CS: 0x4c,
  SS: 0x50,
  DS: 0x54,
  FS: 0x58,
  GS: 0x5c,
  LDT: 0x60,
  /** Bit 0 raises #DB on a switch to this task. */
  TRAP: 0x64,
  /** Offset of the I/O permission bitmap from the TSS's base; at or beyond the limit means that there is none. */
  IOMAP: 0x66,
} as const;

export type Tss32Field = keyof typeof TSS32;

/** Bytes of the fixed part of a 32-bit TSS: a descriptor with a smaller limit than this less one raises #TS. */
export const TSS32_BYTES = 0x68;

/**
 * Where the permission bit of an I/O port lies in a TSS: the byte's offset from the TSS's base and the mask in it. The
 * processor reads two bytes there, so the byte after must lie within the limit too. A set bit forbids the port.
 *
 * @param iomap content of the IOMAP field
 * @param port I/O port, 0 to 0xffff
 */
export const ioPermissionBit = (iomap: number, port: number): { readonly offset: number; readonly mask: number } => ({
  offset: iomap + (port >>> 3),
  mask: 1 << (port & 7),
});
