// SHA-256 (FIPS 180-4) over two blocks in EDM's own pages. Its constants are computed at start: this module has no static data.
import { base, FIRST_DIGEST, MESSAGE, ROUND_CONSTANTS, SCHEDULE } from "./layout";

/** First 32 bits of the fraction of a root; f64 has 20 bits to spare. */
function fraction(root: f64): u32 {
  return u32((root - floor(root)) * 4294967296.0);
}

/** By bisection: an exact order of operations, alike on every host. */
function cubeRoot(cube: f64): f64 {
  let low: f64 = 0, high: f64 = 8;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) * 0.5;
    if (middle * middle * middle <= cube) low = middle;
    else high = middle;
  }
  return low;
}

function isPrime(number: i32): bool {
  for (let d = 2; d * d <= number; d++) if (number % d == 0) return false;
  return true;
}

/** Computes the round constants, and sets the digest to SHA-256's initial value. */
export function initialise(): void {
  let found = 0;
  for (let number = 2; found < 64; number++) {
    if (!isPrime(number)) continue;
    store<u32>(base + ROUND_CONSTANTS + 4 * found, fraction(cubeRoot(f64(number))));
    if (found < 8) store<u32>(base + FIRST_DIGEST + 4 * found, bswap(fraction(sqrt<f64>(f64(number)))));
    found++;
  }
}

/** SHA-256's initial hash value, word by word: the same fractions of square roots. */
function initialWord(index: i32): u32 {
  let number = 2;
  for (let found = 0; ; number++) {
    if (!isPrime(number)) continue;
    if (found == index) break;
    found++;
  }
  return fraction(sqrt<f64>(f64(number)));
}

let h0: u32 = 0, h1: u32 = 0, h2: u32 = 0, h3: u32 = 0, h4: u32 = 0, h5: u32 = 0, h6: u32 = 0, h7: u32 = 0;
let i0: u32 = 0, i1: u32 = 0, i2: u32 = 0, i3: u32 = 0, i4: u32 = 0, i5: u32 = 0, i6: u32 = 0, i7: u32 = 0;

function start(): void {
  if (i0 == 0) {
    i0 = initialWord(0); i1 = initialWord(1); i2 = initialWord(2); i3 = initialWord(3);
    i4 = initialWord(4); i5 = initialWord(5); i6 = initialWord(6); i7 = initialWord(7);
  }
  h0 = i0; h1 = i1; h2 = i2; h3 = i3; h4 = i4; h5 = i5; h6 = i6; h7 = i7;
}

function compress(block: i32): void {
  const w = base + SCHEDULE, k = base + ROUND_CONSTANTS;
  for (let i = 0; i < 16; i++) store<u32>(w + 4 * i, bswap(load<u32>(block + 4 * i)));
  for (let i = 16; i < 64; i++) {
    const x = load<u32>(w + 4 * (i - 15)), y = load<u32>(w + 4 * (i - 2));
    const s0 = rotr(x, 7) ^ rotr(x, 18) ^ (x >> 3);
    const s1 = rotr(y, 17) ^ rotr(y, 19) ^ (y >> 10);
    store<u32>(w + 4 * i, load<u32>(w + 4 * (i - 16)) + s0 + load<u32>(w + 4 * (i - 7)) + s1);
  }
  let a = h0, b = h1, c = h2, d = h3, e = h4, f = h5, g = h6, h = h7;
  for (let i = 0; i < 64; i++) {
    const s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
    const t1 = h + s1 + ((e & f) ^ (~e & g)) + load<u32>(k + 4 * i) + load<u32>(w + 4 * i);
    const s0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g; g = f; f = e; e = d + t1; d = c; c = b; b = a; a = t1 + t2;
  }
  h0 += a; h1 += b; h2 += c; h3 += d; h4 += e; h5 += f; h6 += g; h7 += h;
}

/** Hashes the 64 bytes at MESSAGE, writes the digest to `to`. */
export function hashMessage(to: i32): void {
  const padding = base + MESSAGE + 64;
  memory.fill(padding, 0, 64);
  store<u8>(padding, 0x80);
  store<u32>(padding + 60, bswap<u32>(512));
  start();
  compress(base + MESSAGE);
  compress(padding);
  store<u32>(to, bswap(h0)); store<u32>(to + 4, bswap(h1)); store<u32>(to + 8, bswap(h2)); store<u32>(to + 12, bswap(h3));
  store<u32>(to + 16, bswap(h4)); store<u32>(to + 20, bswap(h5)); store<u32>(to + 24, bswap(h6)); store<u32>(to + 28, bswap(h7));
}

/** A word of the digest that was computed last, from globals: memory may have been overwritten. */
export function digestWord(index: i32): u32 {
  switch (index) {
    case 0: return h0;
    case 1: return h1;
    case 2: return h2;
    case 3: return h3;
    case 4: return h4;
    case 5: return h5;
    case 6: return h6;
    default: return h7;
  }
}
