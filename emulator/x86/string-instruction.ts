// String instructions and how far a repeated one has come (SDM vol. 2, REP; vol. 1, 7.3.9).

/** A string instruction. */
export interface StringInstruction {
  /** Bytes of one element. */
  readonly size: 1 | 2 | 4;
  readonly repeated: boolean;
  /** Segment of the source, es cs ss ds fs gs; undefined for one without a source in memory. */
  readonly source: number | undefined;
  /** Whether ES:EDI names an operand. */
  readonly destination: boolean;
}

const [ES, CS, SS, DS, FS, GS] = [0, 1, 2, 3, 4, 5];

const SEGMENT_PREFIXES: ReadonlyMap<number, number> = new Map([
  [0x26, ES],
  [0x2e, CS],
  [0x36, SS],
  [0x3e, DS],
  [0x64, FS],
  [0x65, GS],
]);

const [OPERAND_SIZE, ADDRESS_SIZE, LOCK, REPNE, REPE] = [0x66, 0x67, 0xf0, 0xf2, 0xf3];

/** Opcodes of byte forms, with what they access; the odd opcode after each is the word form. */
const OPCODES: ReadonlyMap<number, Pick<StringInstruction, 'destination'> & { readonly hasSource: boolean }> = new Map([
  [0x6c, { hasSource: false, destination: true }], // INS
  [0x6e, { hasSource: true, destination: false }], // OUTS
  [0xa4, { hasSource: true, destination: true }], // MOVS
  [0xa6, { hasSource: true, destination: true }], // CMPS
  [0xaa, { hasSource: false, destination: true }], // STOS
  [0xac, { hasSource: true, destination: false }], // LODS
  [0xae, { hasSource: false, destination: true }], // SCAS
]);

/**
 * Decodes a string instruction.
 * @param bytes from its first prefix on.
 * @param is32 whether the code segment is 32-bit.
 * @returns undefined for any other instruction, and for 16-bit addresses in a 32-bit segment and the other way round.
 */
export function stringInstruction(bytes: Uint8Array, is32: boolean): StringInstruction | undefined {
  let segment = DS;
  let repeated = false;
  let wide = is32;
  for (const byte of bytes) {
    const override = SEGMENT_PREFIXES.get(byte);
    if (override !== undefined) segment = override;
    else if (byte === OPERAND_SIZE) wide = !is32;
    else if (byte === REPE || byte === REPNE) repeated = true;
    else if (byte === ADDRESS_SIZE) return undefined;
    else if (byte !== LOCK) {
      const form = OPCODES.get(byte & ~1);
      if (!form) return undefined;
      const size = (byte & 1) === 0 ? 1 : wide ? 4 : 2;
      return { size, repeated, source: form.hasSource ? segment : undefined, destination: form.destination };
    }
  }
  return undefined;
}

/**
 * How many elements come before the one that holds an address.
 * @param first address of the first element.
 * @param size bytes of an element.
 * @param backward whether the direction flag is set.
 */
export function elementsBefore(address: number, first: number, size: number, backward: boolean): number {
  const distance = (backward ? first - address : address - first) | 0;
  return backward ? Math.ceil(distance / size) : Math.floor(distance / size);
}
