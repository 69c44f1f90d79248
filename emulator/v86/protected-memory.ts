// The side of page protection that v86 sees: a device at the alias of each protected frame.

/** Answers accesses to protected frames. Addresses are guest-physical, of the frame itself. */
export interface ProtectedMemory {
  /** Whether the frame of this address is protected, so that an access to its alias is one to it. */
  covers(physical: number): boolean;
  /** A device is about to write RAM, protected or not. */
  deviceWrites(physical: number, length: number): void;
  /** A read of 1 or 4 bytes. @returns the value, little-endian. */
  read(physical: number, size: 1 | 4): number;
  /** A write; `values` are words of 32 bits, the first lowest. */
  write(physical: number, size: 1 | 2 | 4 | 8 | 16, values: readonly number[]): void;
}
