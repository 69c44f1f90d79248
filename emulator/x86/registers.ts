// Registers of an IA-32 processor and the bits in them, by their architectural names.
// Source: Intel SDM volume 1, "Basic Program Execution Registers"; volume 3A, "System Architecture Overview"; volume 4, "Model-Specific Registers".

/** General registers by the number that instruction encodings give them (ModRM.reg and ModRM.rm). */
export const GENERAL_REGISTER = { eax: 0, ecx: 1, edx: 2, ebx: 3, esp: 4, ebp: 5, esi: 6, edi: 7 } as const;

export type GeneralRegister = keyof typeof GENERAL_REGISTER;

/** Names of the general registers in the order of their numbers. */
export const GENERAL_REGISTER_NAMES = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'] as const;

/** Segment registers by the number in `MOV Sreg` (es to gs). TR and LDTR have no encoding there: 6 and 7 are free and emulators use them. */
export const SEGMENT_REGISTER = { es: 0, cs: 1, ss: 2, ds: 3, fs: 4, gs: 5, tr: 6, ldtr: 7 } as const;

export type SegmentRegister = keyof typeof SEGMENT_REGISTER;

/** Names of the segment registers in the order of their numbers. */
export const SEGMENT_REGISTER_NAMES = ['es', 'cs', 'ss', 'ds', 'fs', 'gs', 'tr', 'ldtr'] as const;

/** Single-bit flags of EFLAGS. The two-bit I/O privilege level is read with {@link ioPrivilegeLevel}; bit 1 is always set and has no name. */
export const EFLAGS = {
  CF: 1 << 0,
  PF: 1 << 2,
  AF: 1 << 4,
  ZF: 1 << 6,
  SF: 1 << 7,
  TF: 1 << 8,
  IF: 1 << 9,
  DF: 1 << 10,
  OF: 1 << 11,
  NT: 1 << 14,
  RF: 1 << 16,
  VM: 1 << 17,
  AC: 1 << 18,
  VIF: 1 << 19,
  VIP: 1 << 20,
  ID: 1 << 21,
} as const;

/** Position of the two-bit IOPL field in EFLAGS. */
const EFLAGS_IOPL_SHIFT = 12;

/** The I/O privilege level, 0 to 3: code with a greater CPL may not use CLI, STI, IN and OUT (the TSS's bitmap aside). */
export const ioPrivilegeLevel = (eflags: number): number => (eflags >>> EFLAGS_IOPL_SHIFT) & 3;

/** Bits of CR0. PG is bit 31, so the value is negative in signed 32-bit arithmetic: test it with `!== 0`. */
export const CR0 = {
  PE: 1 << 0,
  MP: 1 << 1,
  EM: 1 << 2,
  TS: 1 << 3,
  ET: 1 << 4,
  NE: 1 << 5,
  WP: 1 << 16,
  AM: 1 << 18,
  NW: 1 << 29,
  CD: 1 << 30,
  PG: 1 << 31,
} as const;

/** Bits of CR4. */
export const CR4 = {
  VME: 1 << 0,
  PVI: 1 << 1,
  TSD: 1 << 2,
  DE: 1 << 3,
  PSE: 1 << 4,
  PAE: 1 << 5,
  MCE: 1 << 6,
  PGE: 1 << 7,
  PCE: 1 << 8,
  OSFXSR: 1 << 9,
  OSXMMEXCPT: 1 << 10,
  UMIP: 1 << 11,
  LA57: 1 << 12,
  VMXE: 1 << 13,
  SMXE: 1 << 14,
  FSGSBASE: 1 << 16,
  PCIDE: 1 << 17,
  OSXSAVE: 1 << 18,
  KL: 1 << 19,
  SMEP: 1 << 20,
  SMAP: 1 << 21,
  PKE: 1 << 22,
  CET: 1 << 23,
  PKS: 1 << 24,
} as const;

/** Bits of the EFER model-specific register that concern protected mode. */
export const EFER = { SCE: 1 << 0, LME: 1 << 8, LMA: 1 << 10, NXE: 1 << 11 } as const;

/** Model-specific registers: the 32-bit number that RDMSR and WRMSR take in ECX. */
export const MSR = {
  TSC: 0x10,
  PLATFORM_ID: 0x17,
  APIC_BASE: 0x1b,
  FEATURE_CONTROL: 0x3a,
  SPEC_CTRL: 0x48,
  PRED_CMD: 0x49,
  BIOS_UPDT_TRIG: 0x79,
  BIOS_SIGN_ID: 0x8b,
  PMC0: 0xc1,
  PMC1: 0xc2,
  PLATFORM_INFO: 0xce,
  MTRRCAP: 0xfe,
  ARCH_CAPABILITIES: 0x10a,
  TSX_CTRL: 0x122,
  SYSENTER_CS: 0x174,
  SYSENTER_ESP: 0x175,
  SYSENTER_EIP: 0x176,
  MCG_CAP: 0x179,
  MCG_STATUS: 0x17a,
  PERFEVTSEL0: 0x186,
  PERFEVTSEL1: 0x187,
  MISC_ENABLE: 0x1a0,
  DEBUGCTL: 0x1d9,
  PAT: 0x277,
  MTRR_DEF_TYPE: 0x2ff,
  EFER: 0xc000_0080,
  STAR: 0xc000_0081,
  LSTAR: 0xc000_0082,
  CSTAR: 0xc000_0083,
  FMASK: 0xc000_0084,
  FS_BASE: 0xc000_0100,
  GS_BASE: 0xc000_0101,
  KERNEL_GS_BASE: 0xc000_0102,
  TSC_AUX: 0xc000_0103,
} as const;

export type MsrName = keyof typeof MSR;

const msrNames: ReadonlyMap<number, MsrName> = new Map(
  (Object.keys(MSR) as MsrName[]).map((name) => [MSR[name], name]),
);

/** The name of a model-specific register, or undefined for one not in {@link MSR}. A negative (signed) number is taken modulo 2^32. */
export const msrName = (index: number): MsrName | undefined => msrNames.get(index >>> 0);

/**
 * The names of the bits set in a register, from bit 0 up; bits without a name are left out.
 *
 * @param value 32-bit register content, signed or unsigned
 * @param bits the record that names its bits: {@link EFLAGS}, {@link CR0}, {@link CR4}, {@link EFER}
 * @example flagNames(0x246, EFLAGS) // ['PF', 'ZF', 'IF']
 */
export function flagNames<Name extends string>(value: number, bits: Readonly<Record<Name, number>>): Name[] {
  return (Object.keys(bits) as Name[]).filter((name) => (value & bits[name]) !== 0);
}
