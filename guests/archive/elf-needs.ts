// What an ELF file asks the dynamic loader for. Source: System V ABI, "Program Loading and Dynamic Linking", and its i386 supplement.

import { BootImageError } from '../../emulator/boot/error.ts';
import { ImageReader } from '../../emulator/boot/image-reader.ts';
import { GuestError } from '../error.ts';

/** What has to be there before a program can run. */
export interface ElfNeeds {
  /** Absolute path of the loader; a static program and most libraries have none. */
  readonly interpreter: string | undefined;
  /** File names of shared libraries (DT_NEEDED), in the order in which the loader looks for them. */
  readonly libraries: readonly string[];
}

const ELF_MAGIC = 0x464c457f;
const CLASS_32_LITTLE_ENDIAN = 0x0101;
const EM_386 = 3;
const PROGRAM_HEADER_SIZE = 32;
const PT = { load: 1, dynamic: 2, interpreter: 3 } as const;
const DT = { end: 0, needed: 1, stringTable: 5 } as const;
const DYNAMIC_ENTRY_SIZE = 8;
/** PATH_MAX of Linux: no name is longer. */
const MAX_NAME = 4096;
const REMEDY = 'take the file from another version of the package';

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/**
 * What `bytes` needs, or undefined when it is no ELF file for i386 (a script, data).
 * @param file name for messages
 * @throws GuestError when the file is damaged
 */
export function elfNeeds(file: string, bytes: Uint8Array): ElfNeeds | undefined {
  const reader = new ImageReader(file, bytes, REMEDY);
  if (bytes.length < 52 || reader.u32(0, 'magic') !== ELF_MAGIC) return undefined;
  if (reader.u16(4, 'class') !== CLASS_32_LITTLE_ENDIAN || reader.u16(18, 'machine') !== EM_386) return undefined;
  try {
    const segments = readSegments(reader);
    const interpreter = segments.find(({ type }) => type === PT.interpreter);
    const dynamic = segments.find(({ type }) => type === PT.dynamic);
    return {
      interpreter: interpreter && readName(reader, interpreter.offset),
      libraries: dynamic === undefined ? [] : readLibraries(reader, dynamic, segments),
    };
  } catch (error) {
    if (!(error instanceof BootImageError)) throw error;
    throw new GuestError('archive', `${file} is damaged: ${error.message}`, REMEDY, { cause: error });
  }
}

function readSegments(reader: ImageReader): Segment[] {
  const table = reader.u32(28, 'the offset of the program headers');
  return Array.from({ length: reader.u16(44, 'the number of program headers') }, (_, index) => {
    const at = table + index * PROGRAM_HEADER_SIZE;
    return {
      type: reader.u32(at, 'p_type'),
      offset: reader.u32(at + 4, 'p_offset'),
      address: reader.u32(at + 8, 'p_vaddr'),
      size: reader.u32(at + 16, 'p_filesz'),
    };
  });
}

function readLibraries(reader: ImageReader, dynamic: Segment, segments: readonly Segment[]): string[] {
  const needed: number[] = [];
  let strings: number | undefined;
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += DYNAMIC_ENTRY_SIZE) {
    const tag = reader.u32(at, 'd_tag');
    const value = reader.u32(at + 4, 'd_val');
    if (tag === DT.end) break;
    if (tag === DT.needed) needed.push(value);
    if (tag === DT.stringTable) strings = value;
  }
  if (needed.length === 0) return [];
  const holder = segments.find(
    ({ type, address, size }) =>
      type === PT.load && strings !== undefined && strings >= address && strings < address + size,
  );
  if (strings === undefined || holder === undefined) {
    throw reader.error(dynamic.offset, 'a table of strings in a segment (DT_STRTAB)', `${strings ?? 'none'}`);
  }
  const table = strings - holder.address + holder.offset;
  return needed.map((offset) => readName(reader, table + offset));
}

/** A string that ends with NUL. */
function readName(reader: ImageReader, offset: number): string {
  const end = reader.bytes.indexOf(0, offset);
  if (end < offset || end - offset > MAX_NAME) throw reader.error(offset, 'a name that ends with NUL', 'none');
  return new TextDecoder().decode(reader.slice(offset, end - offset, 'a name'));
}
