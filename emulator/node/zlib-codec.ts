// Compression by node's zlib: several times faster than its compression streams.
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type { Codec } from '../codec.ts';

const [deflateAsync, inflateAsync] = [promisify(deflateRaw), promisify(inflateRaw)];

/** A Buffer as the plain array that it is underneath: their `slice` differ. */
const plain = (buffer: Buffer): Uint8Array => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);

export const zlibCodec: Codec = {
  // The lowest level: a snapshot is read more often than it is kept.
  deflate: async (bytes) => plain(await deflateAsync(bytes, { level: 1, chunkSize: 1 << 20 })),
  inflate: async (bytes, length) =>
    plain(await inflateAsync(bytes, { maxOutputLength: Math.max(length, 1), chunkSize: 1 << 22 })),
};
