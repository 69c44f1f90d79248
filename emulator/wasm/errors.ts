// The two ways WebAssembly work fails: the module we were given is bad, or the edit we were asked for is.

/** Bytes that are not a WebAssembly module this reader understands: damaged, cut short, or using a feature it does not know. */
export class WasmFormatError extends Error {
  /** What was being read: a file name or a description such as "JIT module 12". */
  readonly source: string;
  /** Offset in bytes from the start of the module. */
  readonly offset: number;
  readonly expected: string;
  readonly found: string;

  constructor(source: string, offset: number, expected: string, found: string) {
    super(
      `${source}: at byte ${offset} (0x${offset.toString(16)}): expected ${expected}, found ${found}. ` +
        'Check that it is a complete WebAssembly module without extensions that this reader does not know',
    );
    this.name = 'WasmFormatError';
    this.source = source;
    this.offset = offset;
    this.expected = expected;
    this.found = found;
  }
}

/** An edit that cannot be made: an index that does not exist, a range that cuts an instruction, a function left without a body. */
export class WasmEditError extends Error {
  constructor(source: string, problem: string) {
    super(`${source}: ${problem}`);
    this.name = 'WasmEditError';
  }
}

/** A function looked up by name that is missing, or that more than one function matches. */
export class WasmLookupError extends Error {
  constructor(source: string, problem: string) {
    super(`${source}: ${problem}`);
    this.name = 'WasmLookupError';
  }
}
