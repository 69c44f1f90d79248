// Sections and symbols of a 32-bit little-endian ELF file (System V ABI, "Object Files"). For files that are known to be whole.

/** A section or a symbol. */
export interface Named {
  readonly address: number;
  /** Bytes. */
  readonly size: number;
}

/** What a file has names for. */
export interface ElfNames {
  readonly sections: ReadonlyMap<string, Named>;
  /** Empty for a file that was stripped. */
  readonly symbols: ReadonlyMap<string, Named>;
}

const [SECTION_BYTES, SYMBOL_BYTES] = [40, 16];

/** Reads the names of a file. */
export function elfNames(file: Uint8Array): ElfNames {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const word = (at: number): number => view.getUint32(at, true);
  const text = (at: number): string => new TextDecoder('latin1').decode(file.subarray(at, file.indexOf(0, at)));
  const [table, count, names] = [word(32), view.getUint16(48, true), view.getUint16(50, true)];
  const headers = Array.from({ length: count }, (_, index) => {
    const at = table + index * SECTION_BYTES;
    return { name: word(at), address: word(at + 12), offset: word(at + 16), size: word(at + 20), link: word(at + 24) };
  });
  const sections = new Map<string, Named>();
  for (const { name, address, size } of headers) sections.set(text(headers[names]!.offset + name), { address, size });
  const symbols = new Map<string, Named>();
  const listed = headers.find(({ name }) => text(headers[names]!.offset + name) === '.symtab');
  for (let at = listed?.offset ?? 0; listed && at < listed.offset + listed.size; at += SYMBOL_BYTES)
    symbols.set(text(headers[listed.link]!.offset + word(at)), { address: word(at + 4), size: word(at + 8) });
  return { sections, symbols };
}
