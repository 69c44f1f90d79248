// Reads and writes cpio archives of the "newc" kind, the format of Linux initial RAM file systems.
// Source: Linux kernel documentation, "initramfs buffer format".

import { GuestError } from '../error.ts';

/** Kinds of file and their bits in st_mode (stat(2)). */
const FILE_TYPE = {
  directory: 0o040000,
  file: 0o100000,
  symlink: 0o120000,
  character: 0o020000,
  block: 0o060000,
} as const;
const FILE_TYPE_MASK = 0o170000;

/** One file in an archive; paths have no leading slash. Everything is owned by root and dated 1970. */
export type CpioEntry = { readonly path: string /** Permission bits. */; readonly mode: number } & (
  | { readonly kind: 'directory' }
  | { readonly kind: 'file'; readonly bytes: Uint8Array }
  | { readonly kind: 'symlink'; readonly target: string }
  | { readonly kind: 'character' | 'block'; readonly major: number; readonly minor: number }
);

const MAGIC = '070701';
const TRAILER = 'TRAILER!!!';
const HEADER_SIZE = 110;
/** Fields behind the magic, eight hexadecimal digits each. */
const FIELD = { mode: 1, links: 4, fileSize: 6, deviceMajor: 9, deviceMinor: 10, nameSize: 11 } as const;
const FIELDS = 13;
/** PATH_MAX of Linux, with the terminating NUL. */
const MAX_NAME = 4096;
/** The kernel and other tools pad archives to this. */
const BLOCK = 512;

const aligned = (offset: number): number => (offset + 3) & ~3;

/** An archive of `entries` in the order given; the same entries give the same bytes. */
export function writeCpio(entries: readonly CpioEntry[]): Uint8Array {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  let size = 0;
  const add = (bytes: Uint8Array): void => {
    const padded = new Uint8Array(aligned(bytes.length));
    padded.set(bytes);
    parts.push(padded);
    size += padded.length;
  };
  const addMember = (path: string, data: Uint8Array, fields: Partial<Record<number, number>>): void => {
    const name = encoder.encode(`${path}\0`);
    const values = { ...fields, [FIELD.fileSize]: data.length, [FIELD.nameSize]: name.length };
    const header = new Uint8Array(HEADER_SIZE + name.length);
    header.set(encoder.encode(MAGIC + hexFields(values)));
    header.set(name, HEADER_SIZE);
    add(header);
    if (data.length > 0) add(data);
  };
  for (const [index, entry] of entries.entries()) {
    checkPath(entry.path);
    const device = entry.kind === 'character' || entry.kind === 'block' ? entry : undefined;
    addMember(entry.path, contentOf(entry, encoder), {
      // The inode number only has to differ between files: equal ones would be hard links.
      0: index + 1,
      [FIELD.mode]: FILE_TYPE[entry.kind] | (entry.mode & 0o7777),
      [FIELD.links]: entry.kind === 'directory' ? 2 : 1,
      [FIELD.deviceMajor]: device?.major ?? 0,
      [FIELD.deviceMinor]: device?.minor ?? 0,
    });
  }
  addMember(TRAILER, new Uint8Array(0), { [FIELD.links]: 1 });
  const archive = new Uint8Array(Math.ceil(size / BLOCK) * BLOCK);
  let offset = 0;
  for (const part of parts) {
    archive.set(part, offset);
    offset += part.length;
  }
  return archive;
}

function hexFields(values: Partial<Record<number, number>>): string {
  return Array.from({ length: FIELDS }, (_, field) => (values[field] ?? 0).toString(16).padStart(8, '0')).join('');
}

function contentOf(entry: CpioEntry, encoder: TextEncoder): Uint8Array {
  if (entry.kind === 'file') return entry.bytes;
  return entry.kind === 'symlink' ? encoder.encode(entry.target) : new Uint8Array(0);
}

function checkPath(path: string): void {
  const parts = path.split('/');
  if (path === '' || path === TRAILER || path.includes('\0') || parts.some((part) => ['', '.', '..'].includes(part))) {
    throw new GuestError('archive', `"${path}" is no path for an initrd`, 'use a relative path without "." and ".."');
  }
}

/**
 * The files of an archive, in order. Only what `writeCpio` writes is understood: no hard links.
 * @param file name for messages
 * @throws GuestError when the archive is damaged, with the offset
 */
export function readCpio(file: string, archive: Uint8Array): CpioEntry[] {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const entries: CpioEntry[] = [];
  let offset = 0;
  const bad = (what: string): GuestError =>
    new GuestError('archive', `${file} at offset ${offset}: ${what}`, 'use a cpio archive of the newc kind');
  const take = (at: number, size: number, what: string): Uint8Array => {
    if (at + size > archive.length) throw bad(`expected ${size} bytes of ${what}, found the end of the file`);
    return archive.subarray(at, at + size);
  };
  const text = (bytes: Uint8Array, what: string): string => {
    try {
      return decoder.decode(bytes);
    } catch {
      throw bad(`expected ${what} in UTF-8`);
    }
  };
  for (;;) {
    const header = text(take(offset, HEADER_SIZE, 'header'), 'a header');
    if (!/^070701[0-9a-fA-F]{104}$/.test(header)) throw bad(`expected the magic ${MAGIC} and 13 numbers`);
    const field = (index: number): number => Number.parseInt(header.slice(6 + index * 8, 14 + index * 8), 16);
    const nameSize = field(FIELD.nameSize);
    if (nameSize < 2 || nameSize > MAX_NAME) throw bad(`expected a name of 1 to ${MAX_NAME} bytes, found ${nameSize}`);
    const name = take(offset + HEADER_SIZE, nameSize, 'name');
    if (name.indexOf(0) !== nameSize - 1) throw bad('expected a name that ends with its only NUL');
    const path = text(name.subarray(0, -1), 'a name');
    if (path === TRAILER) return entries;
    checkPath(path);
    const dataAt = aligned(offset + HEADER_SIZE + nameSize);
    const data = take(dataAt, field(FIELD.fileSize), 'data');
    const mode = field(FIELD.mode);
    const common = { path, mode: mode & 0o7777 };
    const kind = Object.entries(FILE_TYPE).find(([, bits]) => bits === (mode & FILE_TYPE_MASK))?.[0];
    const device = { major: field(FIELD.deviceMajor), minor: field(FIELD.deviceMinor) };
    if (kind === 'directory') entries.push({ ...common, kind });
    else if (kind === 'file') entries.push({ ...common, kind, bytes: data });
    else if (kind === 'symlink') entries.push({ ...common, kind, target: text(data, 'a link') });
    else if (kind === 'character' || kind === 'block') entries.push({ ...common, kind, ...device });
    else throw bad(`expected a file, directory, link or device, found mode 0${mode.toString(8)}`);
    offset = aligned(dataAt + data.length);
  }
}
