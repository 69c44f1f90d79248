// Locks: what may not be taken back from now on.

/** What a teacher locks. */
export interface Locks {
  /** Bits of CR0 that may not be cleared. */
  readonly cr0?: readonly (keyof typeof CR0_BITS)[];
  /** Bits of CR4 that may not be cleared. */
  readonly cr4?: readonly (keyof typeof CR4_BITS)[];
  /** Registers that may not change. */
  readonly registers?: readonly (keyof typeof REGISTERS)[];
}

/** Intel SDM vol. 3, 2.5. */
const CR0_BITS = { PE: 1, WP: 1 << 16, PG: 1 << 31 } as const;
const CR4_BITS = { PSE: 1 << 4, PAE: 1 << 5, PGE: 1 << 7, SMEP: 1 << 20, SMAP: 1 << 21 } as const;
const REGISTERS = { idtr: 1, gdtr: 2, sysenter: 4, tr: 8 } as const;

function bits(of: Readonly<Record<string, number>>, names: readonly string[] | undefined, what: string): number {
  return (names ?? []).reduce((all, name) => {
    const bit = of[name];
    if (bit === undefined)
      throw new RangeError(`lock: ${what}: expected some of ${Object.keys(of).join(', ')}; found ${name}`);
    return all | bit;
  }, 0);
}

/** Locks as the core takes them. @throws RangeError for a name that is none */
export function lockBits(locks: Locks): { cr0: number; cr4: number; registers: number } {
  return {
    cr0: bits(CR0_BITS, locks.cr0, 'cr0'),
    cr4: bits(CR4_BITS, locks.cr4, 'cr4'),
    registers: bits(REGISTERS, locks.registers, 'registers'),
  };
}
