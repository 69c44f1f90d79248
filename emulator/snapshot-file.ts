// The file format of snapshots: magic, version, checksum, then a JSON header and compressed content. Browser-safe.
import type { Codec } from './codec.ts';
import { VmmStateError } from './v86/vmm-state.ts';

/** First bytes of a snapshot. */
const MAGIC = new TextEncoder().encode('WOLFSNAP');
/** Version of the format; a file of another version is refused. */
const VERSION = 1;
/** magic, version (u32), length of the header (u32), length of the content before compression (u32 low, high), SHA-256 of all that follows. */
const PREFIX = 8 + 4 + 4 + 8 + 32;
/** Most content that is unpacked: the largest linear memory, with room for the device models. */
const MOST_CONTENT = 4 * 2 ** 30;

/** A file is no snapshot, of another version, or damaged. Nothing was restored. */
export class SnapshotError extends VmmStateError {
  override readonly name: string = 'SnapshotError';
}

const sha256 = async (bytes: Uint8Array): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as BufferSource));

/** Packs a header and content. */
export async function packSnapshot(header: unknown, content: Uint8Array, codec: Codec): Promise<Uint8Array> {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const packed = await codec.deflate(content);
  const file = new Uint8Array(PREFIX + json.length + packed.length);
  const view = new DataView(file.buffer);
  file.set(MAGIC, 0);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, json.length, true);
  view.setBigUint64(16, BigInt(content.length), true);
  file.set(json, PREFIX);
  file.set(packed, PREFIX + json.length);
  file.set(await sha256(file.subarray(PREFIX)), 24);
  return file;
}

/**
 * Unpacks what `packSnapshot` made.
 * @param source names the file in errors.
 * @throws SnapshotError that says what is wrong with it.
 */
export async function unpackSnapshot(
  file: Uint8Array,
  source: string,
  codec: Codec,
): Promise<{ header: unknown; content: Uint8Array }> {
  const fail = (offset: number, expected: string, found: string): never => {
    throw new SnapshotError(
      `${source}: at offset ${offset}: expected ${expected}, found ${found}; take the snapshot again`,
    );
  };
  if (file.length < PREFIX) fail(0, `a snapshot of at least ${PREFIX} bytes`, `${file.length} bytes`);
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  if (!MAGIC.every((byte, i) => file[i] === byte)) fail(0, 'the magic of a snapshot', 'something else');
  const version = view.getUint32(8, true);
  if (version !== VERSION) fail(8, `version ${VERSION}`, `version ${version}`);
  const headerLength = view.getUint32(12, true);
  if (headerLength > file.length - PREFIX)
    fail(12, `a header within ${file.length} bytes`, `${headerLength} bytes of it`);
  const length = Number(view.getBigUint64(16, true));
  if (length > MOST_CONTENT) fail(16, `at most ${MOST_CONTENT} bytes of content`, `${length}`);
  const sum = await sha256(file.subarray(PREFIX));
  if (!sum.every((byte, i) => file[24 + i] === byte))
    fail(24, 'the checksum of the content', 'another: the file is damaged');
  const json = new TextDecoder().decode(file.subarray(PREFIX, PREFIX + headerLength));
  let content: Uint8Array;
  try {
    content = await codec.inflate(file.subarray(PREFIX + headerLength), length);
  } catch (error) {
    return fail(PREFIX + headerLength, 'compressed content', (error as Error).message);
  }
  if (content.length !== length) fail(16, `${length} bytes of content`, `${content.length}`);
  try {
    return { header: JSON.parse(json), content };
  } catch {
    return fail(PREFIX, 'a header in JSON', 'something else');
  }
}
