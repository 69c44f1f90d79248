// Opcodes behind the 0xFD prefix: fixed-width SIMD (WebAssembly core specification 2.0, appendix A.7) and relaxed SIMD.
import type { OpcodeGroup } from './opcode-groups.ts';

/** Names of one vector shape: `of('i8x16', 'add sub')` is `i8x16.add i8x16.sub`. */
const of = (shape: string, operations: string): string =>
  operations
    .split(' ')
    .map((operation) => `${shape}.${operation}`)
    .join(' ');

const INTEGER_COMPARISONS = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u';
const FLOAT_COMPARISONS = 'eq ne lt gt le ge';
const SHIFTS = 'shl shr_s shr_u';
const MIN_MAX = 'min_s min_u max_s max_u';
const FLOAT_BINARY = 'add sub mul div min max pmin pmax';

/** The four widenings of a narrower shape, in opcode order. */
const widenings = (verb: string, from: string): string =>
  `${verb}_low_${from}_s ${verb}_high_${from}_s ${verb}_low_${from}_u ${verb}_high_${from}_u`;

export const SIMD_OPCODES: readonly OpcodeGroup[] = [
  [0xfd000, 'i:v', 'memory', of('v128', 'load load8x8_s load8x8_u load16x4_s load16x4_u load32x2_s load32x2_u')],
  [0xfd007, 'i:v', 'memory', of('v128', 'load8_splat load16_splat load32_splat load64_splat')],
  [0xfd00b, 'iv:', 'memory', 'v128.store'],
  [0xfd00c, ':v', '16 bytes', 'v128.const'],
  [0xfd00d, 'vv:v', '16 bytes', 'i8x16.shuffle'],
  [0xfd00e, 'vv:v', 'none', 'i8x16.swizzle'],
  [0xfd00f, 'i:v', 'none', 'i8x16.splat i16x8.splat i32x4.splat'],
  [0xfd012, 'I:v', 'none', 'i64x2.splat'],
  [0xfd013, 'f:v', 'none', 'f32x4.splat'],
  [0xfd014, 'F:v', 'none', 'f64x2.splat'],
  [0xfd015, 'v:i', 'lane', of('i8x16', 'extract_lane_s extract_lane_u')],
  [0xfd017, 'vi:v', 'lane', 'i8x16.replace_lane'],
  [0xfd018, 'v:i', 'lane', of('i16x8', 'extract_lane_s extract_lane_u')],
  [0xfd01a, 'vi:v', 'lane', 'i16x8.replace_lane'],
  [0xfd01b, 'v:i', 'lane', 'i32x4.extract_lane'],
  [0xfd01c, 'vi:v', 'lane', 'i32x4.replace_lane'],
  [0xfd01d, 'v:I', 'lane', 'i64x2.extract_lane'],
  [0xfd01e, 'vI:v', 'lane', 'i64x2.replace_lane'],
  [0xfd01f, 'v:f', 'lane', 'f32x4.extract_lane'],
  [0xfd020, 'vf:v', 'lane', 'f32x4.replace_lane'],
  [0xfd021, 'v:F', 'lane', 'f64x2.extract_lane'],
  [0xfd022, 'vF:v', 'lane', 'f64x2.replace_lane'],
  [0xfd023, 'vv:v', 'none', of('i8x16', INTEGER_COMPARISONS)],
  [0xfd02d, 'vv:v', 'none', of('i16x8', INTEGER_COMPARISONS)],
  [0xfd037, 'vv:v', 'none', of('i32x4', INTEGER_COMPARISONS)],
  [0xfd041, 'vv:v', 'none', of('f32x4', FLOAT_COMPARISONS)],
  [0xfd047, 'vv:v', 'none', of('f64x2', FLOAT_COMPARISONS)],
  [0xfd04d, 'v:v', 'none', 'v128.not'],
  [0xfd04e, 'vv:v', 'none', of('v128', 'and andnot or xor')],
  [0xfd052, 'vvv:v', 'none', 'v128.bitselect'],
  [0xfd053, 'v:i', 'none', 'v128.any_true'],
  [0xfd054, 'iv:v', 'memory and lane', of('v128', 'load8_lane load16_lane load32_lane load64_lane')],
  [0xfd058, 'iv:', 'memory and lane', of('v128', 'store8_lane store16_lane store32_lane store64_lane')],
  [0xfd05c, 'i:v', 'memory', of('v128', 'load32_zero load64_zero')],
  [0xfd05e, 'v:v', 'none', 'f32x4.demote_f64x2_zero f64x2.promote_low_f32x4'],

  [0xfd060, 'v:v', 'none', of('i8x16', 'abs neg popcnt')],
  [0xfd063, 'v:i', 'none', of('i8x16', 'all_true bitmask')],
  [0xfd065, 'vv:v', 'none', of('i8x16', 'narrow_i16x8_s narrow_i16x8_u')],
  [0xfd067, 'v:v', 'none', of('f32x4', 'ceil floor trunc nearest')],
  [0xfd06b, 'vi:v', 'none', of('i8x16', SHIFTS)],
  [0xfd06e, 'vv:v', 'none', of('i8x16', 'add add_sat_s add_sat_u sub sub_sat_s sub_sat_u')],
  [0xfd074, 'v:v', 'none', of('f64x2', 'ceil floor')],
  [0xfd076, 'vv:v', 'none', of('i8x16', MIN_MAX)],
  [0xfd07a, 'v:v', 'none', 'f64x2.trunc'],
  [0xfd07b, 'vv:v', 'none', 'i8x16.avgr_u'],
  [0xfd07c, 'v:v', 'none', of('i16x8', 'extadd_pairwise_i8x16_s extadd_pairwise_i8x16_u')],
  [0xfd07e, 'v:v', 'none', of('i32x4', 'extadd_pairwise_i16x8_s extadd_pairwise_i16x8_u')],

  [0xfd080, 'v:v', 'none', of('i16x8', 'abs neg')],
  [0xfd082, 'vv:v', 'none', 'i16x8.q15mulr_sat_s'],
  [0xfd083, 'v:i', 'none', of('i16x8', 'all_true bitmask')],
  [0xfd085, 'vv:v', 'none', of('i16x8', 'narrow_i32x4_s narrow_i32x4_u')],
  [0xfd087, 'v:v', 'none', of('i16x8', widenings('extend', 'i8x16'))],
  [0xfd08b, 'vi:v', 'none', of('i16x8', SHIFTS)],
  [0xfd08e, 'vv:v', 'none', of('i16x8', 'add add_sat_s add_sat_u sub sub_sat_s sub_sat_u')],
  [0xfd094, 'v:v', 'none', 'f64x2.nearest'],
  [0xfd095, 'vv:v', 'none', of('i16x8', `mul ${MIN_MAX}`)],
  [0xfd09b, 'vv:v', 'none', of('i16x8', `avgr_u ${widenings('extmul', 'i8x16')}`)],

  [0xfd0a0, 'v:v', 'none', of('i32x4', 'abs neg')],
  [0xfd0a3, 'v:i', 'none', of('i32x4', 'all_true bitmask')],
  [0xfd0a7, 'v:v', 'none', of('i32x4', widenings('extend', 'i16x8'))],
  [0xfd0ab, 'vi:v', 'none', of('i32x4', SHIFTS)],
  [0xfd0ae, 'vv:v', 'none', 'i32x4.add'],
  [0xfd0b1, 'vv:v', 'none', 'i32x4.sub'],
  [0xfd0b5, 'vv:v', 'none', of('i32x4', `mul ${MIN_MAX} dot_i16x8_s`)],
  [0xfd0bc, 'vv:v', 'none', of('i32x4', widenings('extmul', 'i16x8'))],

  [0xfd0c0, 'v:v', 'none', of('i64x2', 'abs neg')],
  [0xfd0c3, 'v:i', 'none', of('i64x2', 'all_true bitmask')],
  [0xfd0c7, 'v:v', 'none', of('i64x2', widenings('extend', 'i32x4'))],
  [0xfd0cb, 'vi:v', 'none', of('i64x2', SHIFTS)],
  [0xfd0ce, 'vv:v', 'none', 'i64x2.add'],
  [0xfd0d1, 'vv:v', 'none', 'i64x2.sub'],
  [0xfd0d5, 'vv:v', 'none', of('i64x2', 'mul eq ne lt_s gt_s le_s ge_s')],
  [0xfd0dc, 'vv:v', 'none', of('i64x2', widenings('extmul', 'i32x4'))],

  [0xfd0e0, 'v:v', 'none', of('f32x4', 'abs neg')],
  [0xfd0e3, 'v:v', 'none', 'f32x4.sqrt'],
  [0xfd0e4, 'vv:v', 'none', of('f32x4', FLOAT_BINARY)],
  [0xfd0ec, 'v:v', 'none', of('f64x2', 'abs neg')],
  [0xfd0ef, 'v:v', 'none', 'f64x2.sqrt'],
  [0xfd0f0, 'vv:v', 'none', of('f64x2', FLOAT_BINARY)],
  [0xfd0f8, 'v:v', 'none', of('i32x4', 'trunc_sat_f32x4_s trunc_sat_f32x4_u')],
  [0xfd0fa, 'v:v', 'none', of('f32x4', 'convert_i32x4_s convert_i32x4_u')],
  [0xfd0fc, 'v:v', 'none', of('i32x4', 'trunc_sat_f64x2_s_zero trunc_sat_f64x2_u_zero')],
  [0xfd0fe, 'v:v', 'none', of('f64x2', 'convert_low_i32x4_s convert_low_i32x4_u')],

  [0xfd100, 'vv:v', 'none', 'i8x16.relaxed_swizzle'],
  [0xfd101, 'v:v', 'none', of('i32x4', 'relaxed_trunc_f32x4_s relaxed_trunc_f32x4_u')],
  [0xfd103, 'v:v', 'none', of('i32x4', 'relaxed_trunc_f64x2_s_zero relaxed_trunc_f64x2_u_zero')],
  [0xfd105, 'vvv:v', 'none', of('f32x4', 'relaxed_madd relaxed_nmadd')],
  [0xfd107, 'vvv:v', 'none', of('f64x2', 'relaxed_madd relaxed_nmadd')],
  [0xfd109, 'vvv:v', 'none', 'i8x16.relaxed_laneselect i16x8.relaxed_laneselect'],
  [0xfd10b, 'vvv:v', 'none', 'i32x4.relaxed_laneselect i64x2.relaxed_laneselect'],
  [0xfd10d, 'vv:v', 'none', of('f32x4', 'relaxed_min relaxed_max')],
  [0xfd10f, 'vv:v', 'none', of('f64x2', 'relaxed_min relaxed_max')],
  [0xfd111, 'vv:v', 'none', of('i16x8', 'relaxed_q15mulr_s relaxed_dot_i8x16_i7x16_s')],
  [0xfd113, 'vvv:v', 'none', 'i32x4.relaxed_dot_i8x16_i7x16_add_s'],
];
