// Compression of snapshots. A host that has a faster way gives its own.

/** Raw deflate (RFC 1951). */
export interface Codec {
  deflate(bytes: Uint8Array): Promise<Uint8Array>;
  /**
   * @param length bytes that must come out.
   * @throws Error for damaged input, and before more than `length` bytes have come out.
   */
  inflate(bytes: Uint8Array, length: number): Promise<Uint8Array>;
}

/** Sends bytes through a compression stream. */
async function through(bytes: Uint8Array, stream: GenericTransformStream, most: number): Promise<Uint8Array> {
  const source = new Blob([bytes as BufferSource]).stream();
  const reader = source.pipeThrough(stream as ReadableWritablePair<Uint8Array>).getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    length += next.value.length;
    if (length > most) throw new Error(`more than ${most} bytes`);
    chunks.push(next.value);
  }
  const out = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

/** What every browser has, and node too. */
export const streamCodec: Codec = {
  deflate: (bytes) => through(bytes, new CompressionStream('deflate-raw'), Number.POSITIVE_INFINITY),
  inflate: (bytes, length) => through(bytes, new DecompressionStream('deflate-raw'), length),
};
