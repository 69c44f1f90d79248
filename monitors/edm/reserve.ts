// The machine without EDM, but with its memory laid out as with EDM: what comparisons need. v86's hash maps are seeded from heap addresses, so
// that another layout alone shifts interrupts by some instructions.
import type { VmmCompanion } from '../../emulator/index.ts';
import { ARENA_SIZE } from './layout.ts';

const WASM_PAGE = 65536;

/** A companion that takes EDM's arena and does nothing else. */
export const reserveArena = (): VmmCompanion => ({
  imports: {},
  instantiated({ memory }) {
    memory.grow(ARENA_SIZE / WASM_PAGE);
  },
  ramAllocated() {},
  created() {},
  compile({ bytes }, imports) {
    const module = new WebAssembly.Module(bytes as BufferSource);
    return new WebAssembly.Instance(module, { e: imports }).exports.f;
  },
  deviceWrites: () => true,
  resumed() {},
  suspended() {},
});
