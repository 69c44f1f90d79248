// Plain v86 with a virtual clock: its script is evaluated with time sources of ours, and compiled code is installed at
// fixed points instead of whenever the host's engine has finished.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { VirtualClock } from './clock.ts';

// biome-ignore lint/suspicious/noExplicitAny: v86 hands over untyped tables of functions.
export type Untyped = any;

const FOLDER = path.dirname(createRequire(import.meta.url).resolve('v86/build/v86.wasm'));
const library = readFile(`${FOLDER}/libv86.js`, 'utf8');
const binary = readFile(`${FOLDER}/v86.wasm`).then((bytes) => WebAssembly.compile(bytes));
/** JIT modules go into the function table behind v86's own functions. */
const FIRST_JIT_SLOT = 1024;
const DATE_AT_START = 1.7e12;

/** v86's constructor, with the clock in place of the host's. */
export async function loadV86(clock: VirtualClock): Promise<Untyped> {
  const VirtualDate = class extends Date {
    static override now = () => DATE_AT_START + clock.now();
  };
  const module: Untyped = { exports: {} };
  const load = new Function('performance', 'Date', 'module', 'exports', 'require', await library);
  load({ now: clock.now }, VirtualDate, module, module.exports);
  return module.exports.V86;
}

/**
 * For v86's option `wasm_fn`: its binary, with a main loop of ours.
 * @param runLoop called instead of v86's own; gets a function that runs v86 once and returns the milliseconds to its next timer
 */
export function wasmFunction(clock: VirtualClock, runLoop: (runOnce: () => number) => void) {
  return async (imports: Untyped): Promise<Untyped> => {
    const pending: [index: number, start: number, flags: number, code: Uint8Array<ArrayBuffer>][] = [];
    imports.env.microtick = clock.now;
    imports.env.codegen_finalize = (index: number, start: number, flags: number, at: number, length: number) =>
      pending.push([index, start, flags, new Uint8Array(clock.memory!.buffer, at >>> 0, length >>> 0).slice()]);
    const exports: Untyped = (await WebAssembly.instantiate(await binary, imports)).exports;
    clock.memory = exports.memory as WebAssembly.Memory;
    const install = ([index, start, flags, code]: (typeof pending)[number]) => {
      const compiled = new WebAssembly.Instance(new WebAssembly.Module(code), { e: { ...exports, m: clock.memory } });
      imports.env.__indirect_function_table.set(index + FIRST_JIT_SLOT, compiled.exports.f);
      exports.codegen_finalize_finished(index, start, flags);
    };
    const runOnce = () => {
      const idleMs: number = exports.main_loop();
      pending.splice(0).forEach(install);
      return idleMs;
    };
    const main_loop = () => {
      runLoop(runOnce);
      return 0; // call again at once
    };
    return { ...exports, main_loop };
  };
}
