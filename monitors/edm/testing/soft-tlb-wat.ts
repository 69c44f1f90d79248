// For tests: writes through the soft TLB in the text format, as v86 emits them in compiled code; and a soft TLB for such code to run with.
import { FAST_ENTRY, SLOW_WAYS, TLB_RANGE } from '../facts.ts';

export const SLOW_WAY_NAMES: readonly string[] = Object.values(SLOW_WAYS).flatMap((way) => Object.keys(way));

/** Parameters of a slow way: address, value, where the guest's instruction is. */
export function slowWayParameters(name: string): ('i32' | 'i64')[] {
  if (name.includes('read')) return ['i32', 'i32'];
  if (name.includes('128')) return ['i32', 'i64', 'i64', 'i32'];
  return ['i32', name.includes('64') ? 'i64' : 'i32', 'i32'];
}

/** Imports of all slow ways. */
export const SLOW_WAY_IMPORTS = SLOW_WAY_NAMES.map(
  (name) => `(import "e" "${name}" (func $${name} (param ${slowWayParameters(name).join(' ')}) (result i32)))`,
).join(' ');

/** Instructions of a write, each to be replaced by name. */
export type Pieces = Readonly<Record<string, string>>;

const MASK = FAST_ENTRY.masks[1]!;

/** What both ways share; locals `$a` (address), `$e` (entry), `$f` (whether the fast way is taken), `$p` (place), `$v` (value). */
const shared = (width: number): Pieces => ({
  block: 'block',
  address: 'local.get $a',
  page: 'i32.const 12 i32.shr_u i32.const 2 i32.shl',
  load: `i32.load offset=${TLB_RANGE.from}`,
  entry: 'local.tee $e',
  mask: `i32.const ${MASK} i32.and`,
  valid: 'i32.const 1 i32.eq',
  inPage: width === 1 ? '' : `local.get $a i32.const 0xfff i32.and i32.const ${0x1000 - width} i32.le_s i32.and`,
});
const fallen = 'local.tee $e i32.const 1 i32.and';

/** A write of a local. @param value what the store takes, `i32` or `i64` */
export const softTlbWrite = (width: 1 | 2 | 4 | 8, value = 'i32', changes: Pieces = {}): string =>
  Object.values({
    ...shared(width),
    fast: 'br_if 0',
    slow: `local.get $a local.get $v i32.const 7 call $safe_write${8 * width}_slow_jit`,
    fault: fallen,
    leave: 'br_if 1',
    end: 'end',
    place: 'local.get $e i32.const -4096 i32.and local.get $a i32.xor',
    store: `local.get $v ${value}.store${8 * width < Number(value.slice(1)) ? 8 * width : ''}`,
    ...changes,
  }).join(' ');

/** Leaves the place of a read and a write in `$p`, and on the stack. */
export const softTlbPlace = (width: 1 | 2 | 4 | 8, changes: Pieces = {}): string =>
  Object.values({
    ...shared(width),
    isFast: 'local.tee $f',
    fast: 'br_if 0',
    slow: `local.get $a i32.const 7 call $safe_read_write${8 * width}${width === 4 ? 's' : ''}_slow_jit`,
    fault: fallen,
    leave: 'br_if 1',
    end: 'end',
    place: 'local.get $e i32.const -4096 i32.and local.get $a i32.xor',
    keep: 'local.tee $p',
    ...changes,
  }).join(' ');

/** A write of 16 bytes, as two halves of the locals `$v` and `$w`. */
export const softTlbWrite16 = (changes: Pieces = {}): string =>
  Object.values({
    ...shared(16),
    fast: 'br_if 0',
    slow: 'local.get $a local.get $v local.get $w i32.const 7 call $safe_write128_slow_jit',
    fault: fallen,
    leave: 'br_if 1',
    end: 'end',
    place: 'local.get $e i32.const -4096 i32.and local.get $a i32.xor local.tee $p',
    halves: 'local.get $v i64.store local.get $p local.get $w i64.store offset=8',
    ...changes,
  }).join(' ');

/** Bytes of memory that a soft TLB needs, in pages of 64 KiB. */
export const SOFT_TLB_CHUNKS = Math.ceil(TLB_RANGE.to / 65536) + 1;

/**
 * Slow ways as EDM stands in for them, for tests: what may not be written leads to the sink.
 * @param translate linear address of a virtual one @param mayWrite asked of linear addresses @param sink two pages
 */
export function slowWays(
  translate: (address: number) => number,
  mayWrite: (first: number, length: number) => boolean,
  sink: number,
): WebAssembly.ModuleImports {
  const ways = { ...SLOW_WAYS.write, ...SLOW_WAYS.readWrite };
  return Object.fromEntries(
    Object.entries(ways).map(([name, width]) => [
      name,
      (address: number) => {
        const to = translate(address >>> 0);
        return ((mayWrite(to, width) ? to : sink) ^ address) & ~0xfff;
      },
    ]),
  );
}
