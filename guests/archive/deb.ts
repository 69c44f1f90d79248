// Takes files out of a Debian package. Sources: deb(5); ar(5) common format. The package is hostile input: its numbers are
// checked, what it may unpack to is bounded, and nothing is ever written under a name that it gives.

import { Decompress as ZstdDecompress } from 'fzstd';
import { createTarDecoder } from 'modern-tar';
import xz from 'xz-decompress';
import { GuestError, throwIfAborted } from '../error.ts';

/** A regular file or symbolic link of a package. */
export interface PackagedFileContent {
  /** Path without leading "./" or "/". */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly bytes: Uint8Array;
  /** Where a symbolic link points; its `bytes` are empty. */
  readonly target?: string;
}

/** Bounds of unpacking, bytes and counts. */
export interface UnpackLimits {
  /** One wanted file. */
  readonly fileSize: number;
  /** All that the package decompresses to. */
  readonly totalSize: number;
  readonly entries: number;
}

/** Debian's kernels unpack to about 300 MB in 4,000 files. */
export const DEFAULT_LIMITS: UnpackLimits = { fileSize: 256 << 20, totalSize: 2 ** 31, entries: 200_000 };

const AR_MAGIC = '!<arch>\n';
const AR_HEADER_SIZE = 60;
const REMEDY = 'fetch it again, or give another .deb';

const ascii = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** The member of the outer archive whose name starts with `prefix`. */
function arMember(file: string, deb: Uint8Array, prefix: string): { name: string; data: Uint8Array } {
  const bad = (offset: number, what: string): GuestError =>
    new GuestError('archive', `${file} at offset ${offset}: ${what}`, REMEDY);
  if (ascii(deb.subarray(0, AR_MAGIC.length)) !== AR_MAGIC) throw bad(0, 'expected "!<arch>", the start of a .deb');
  for (let offset = AR_MAGIC.length; offset < deb.length; ) {
    const header = ascii(deb.subarray(offset, offset + AR_HEADER_SIZE));
    if (header.length < AR_HEADER_SIZE || !header.endsWith('`\n')) throw bad(offset, 'expected the header of a member');
    const size = header.slice(48, 58).trim();
    const start = offset + AR_HEADER_SIZE;
    if (!/^\d+$/.test(size)) throw bad(offset + 48, `expected the size of a member, found "${size}"`);
    if (start + Number(size) > deb.length) throw bad(start, `expected ${size} bytes, found ${deb.length - start}`);
    const name = header.slice(0, 16).trim().replace(/\/$/, '');
    const data = deb.subarray(start, start + Number(size));
    if (name.startsWith(prefix)) return { name, data };
    offset = start + data.length + (data.length & 1);
  }
  throw bad(deb.length, `expected a member ${prefix}*, found the end of the file`);
}

/** The bytes in pieces, so that a decompressor need not be fed 50 MB to give its first file. */
function pieces(bytes: Uint8Array): ReadableStream<Uint8Array> {
  const size = 1 << 16;
  let offset = 0;
  return new ReadableStream({
    pull(controller) {
      if (offset >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(offset, offset + size));
      offset += size;
    },
  });
}

/** fzstd's push interface as a stream. */
function zstdStream(): TransformStream<Uint8Array, Uint8Array> {
  let decoder: ZstdDecompress;
  return new TransformStream({
    start(controller) {
      decoder = new ZstdDecompress((chunk) => controller.enqueue(chunk));
    },
    transform: (chunk) => decoder.push(chunk),
    flush: () => decoder.push(new Uint8Array(0), true),
  });
}

function decompressed(name: string, data: Uint8Array): ReadableStream<Uint8Array> | undefined {
  const stream = pieces(data);
  if (name === 'data.tar') return stream;
  if (name === 'data.tar.gz') return stream.pipeThrough(new DecompressionStream('gzip') as TransformStream);
  if (name === 'data.tar.zst') return stream.pipeThrough(zstdStream());
  if (name !== 'data.tar.xz') return undefined;
  return new xz.XzReadableStream(stream);
}

/** xz-decompress gives empty pieces for ever when its input is cut short; a healthy stream has few in a row. */
const MAX_EMPTY_PIECES = 64;

/** Counts what comes through and fails when it is too much, or goes on being nothing. */
function bounded(file: string, limit: number): TransformStream<Uint8Array, Uint8Array> {
  let total = 0;
  let empty = 0;
  return new TransformStream({
    transform(chunk, controller) {
      total += chunk.length;
      empty = chunk.length === 0 ? empty + 1 : 0;
      if (total > limit) throw new GuestError('archive', `${file} unpacks to more than ${limit} bytes`, REMEDY);
      if (empty > MAX_EMPTY_PIECES) throw new GuestError('archive', `${file} is cut short`, REMEDY);
      if (chunk.length > 0) controller.enqueue(chunk);
    },
  });
}

const cleanPath = (name: string): string => name.replace(/^(\.?\/)+/, '').replace(/\/$/, '');

/** What `unpackDeb` may be told. */
export interface UnpackOptions {
  readonly limits?: UnpackLimits;
  readonly signal?: AbortSignal;
  /** Stop as soon as so many files were found. */
  readonly count?: number;
}

/**
 * The regular files and symbolic links of a package that `wanted` picks by path.
 * @param file name for messages
 * @throws GuestError when the package is damaged or goes beyond the limits
 */
export async function unpackDeb(
  file: string,
  deb: Uint8Array,
  wanted: (path: string) => boolean,
  options: UnpackOptions = {},
): Promise<PackagedFileContent[]> {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const { name, data } = arMember(file, deb, 'data.tar');
  const stream = decompressed(name, data);
  if (stream === undefined) {
    throw new GuestError('archive', `${file}: expected data.tar, .gz, .xz or .zst, found ${name}`, REMEDY);
  }
  try {
    return await collect(file, stream.pipeThrough(bounded(file, limits.totalSize)), wanted, limits, options);
  } catch (error) {
    if (error instanceof GuestError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new GuestError('archive', `${file}: ${name} is damaged (${reason})`, REMEDY, { cause: error });
  }
}

/** A stream's chunks; gives up the stream when the loop is left early. */
async function* chunksOf<T>(stream: ReadableStream<T>): AsyncGenerator<T> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      ended = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel().catch(() => {});
  }
}

async function collect(
  file: string,
  tar: ReadableStream<Uint8Array>,
  wanted: (path: string) => boolean,
  limits: UnpackLimits,
  options: UnpackOptions,
): Promise<PackagedFileContent[]> {
  const found: PackagedFileContent[] = [];
  let entries = 0;
  for await (const { header, body } of chunksOf(tar.pipeThrough(createTarDecoder({ strict: true })))) {
    throwIfAborted(options.signal);
    if (++entries > limits.entries) throw new GuestError('archive', `${file} has over ${limits.entries} files`, REMEDY);
    const path = cleanPath(header.name);
    const isFile = header.type === 'file' || header.type === undefined;
    if (!(isFile || header.type === 'symlink') || path.split('/').includes('..') || !wanted(path)) {
      // Read to its end and not cancelled: the decoder reads ahead, and cancelling one body then cuts off the next.
      for await (const _ of chunksOf(body));
      continue;
    }
    if (header.size > limits.fileSize) {
      throw new GuestError('archive', `${file}: ${path} has ${header.size} bytes, over ${limits.fileSize}`, REMEDY);
    }
    const bytes = new Uint8Array(await new Response(body).arrayBuffer());
    if (bytes.length !== header.size) {
      throw new GuestError('archive', `${file}: ${path} is cut short, ${bytes.length} of ${header.size} bytes`, REMEDY);
    }
    const mode = (header.mode ?? 0o644) & 0o7777;
    found.push({ path, mode, bytes, ...(isFile ? {} : { target: header.linkname ?? '' }) });
    if (found.length === options.count) break;
  }
  return found;
}
