// For tests: modules of a generator that is not ours, binaryen's `wasm-opt --translate-to-fuzz`, fitted to run in `FuzzArena` as v86.wasm would.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SeededRandom, wasm } from '../../../emulator/index.ts';
import type { Guest } from './fuzz-arena.ts';
import { PLACES, WINDOW } from './random-code.ts';
import { MEMORY_PAGES } from './random-module.ts';
import { numberAt, sectionsOf } from './sections.ts';

const FLAGS = [
  '--mvp-features',
  ...['simd', 'bulk-memory', 'bulk-memory-opt', 'sign-ext', 'nontrapping-float-to-int', 'mutable-globals'].map(
    (feature) => `--enable-${feature}`,
  ),
  // NaNs may differ from run to run.
  '--denan',
  // Hands each address that is loaded from or stored to to a function, which moves it to where things may go wrong.
  '--instrument-memory',
  // The most used global comes first, where v86.wasm has the one that it may set: a counter that ends loops and recursion.
  '--reorder-globals-always',
];

/** Has binaryen make a module. @param size bytes of chance: the module has about as many */
export function binaryenModule(seed: number, size = 3000): Uint8Array<ArrayBuffer> {
  const random = new SeededRandom(seed);
  const folder = mkdtempSync(join(tmpdir(), 'wolfden-fuzz-'));
  try {
    const [input, output] = [join(folder, 'chance'), join(folder, 'module.wasm')];
    writeFileSync(
      input,
      Uint8Array.from({ length: size }, () => random.int()),
    );
    const tool = join(dirname(createRequire(import.meta.url).resolve('binaryen')), 'bin', 'wasm-opt');
    execFileSync(process.execPath, [tool, '-ttf', input, ...FLAGS, '-o', output], { stdio: 'pipe' });
    return fitted(new Uint8Array(readFileSync(output)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The module with imports from where v86.wasm has its own, a table that is imported, and the memory of the arena. */
function fitted(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new wasm.ByteWriter().bytes(bytes.subarray(0, 8));
  const hasTable = [...sectionsOf(bytes)].some(({ id }) => id === 4);
  for (const { id, at, start, end } of sectionsOf(bytes)) {
    const whole = bytes.subarray(at, end);
    const section = (content: wasm.ByteWriter): void => void out.bytes([id]).sized(content);
    if (id === 2) section(importsOf(bytes, start, hasTable));
    else if (id === 5) section(new wasm.ByteWriter().bytes([1, 1]).u32(MEMORY_PAGES).u32(MEMORY_PAGES));
    else if (id === 7) {
      const [count, rest] = numberAt(bytes, start);
      const own = new wasm.ByteWriter().name('memory').bytes([2, 0]).name('wolfden.stack-pointer').bytes([3, 0]);
      section(
        new wasm.ByteWriter()
          .u32(count + 2)
          .append(own)
          .bytes(bytes.subarray(rest, end)),
      );
    } else if (id !== 4 && id !== 8) out.bytes(whole);
  }
  return new Uint8Array(out.toBytes());
}

function importsOf(bytes: Uint8Array, start: number, hasTable: boolean): wasm.ByteWriter {
  const [count, first] = numberAt(bytes, start);
  const out = new wasm.ByteWriter().u32(count + Number(hasTable));
  let at = first;
  for (let i = 0; i < count; i++) {
    const [moduleLength, module] = numberAt(bytes, at);
    const [nameLength, name] = numberAt(bytes, module + moduleLength);
    const kind = name + nameLength;
    if (bytes[kind] !== 0) throw new Error(`binaryen: expected imports of functions only, found kind ${bytes[kind]}`);
    const end = numberAt(bytes, kind + 1)[1];
    out.name('env').bytes(bytes.subarray(module + moduleLength, end));
    at = end;
  }
  return hasTable ? out.name('env').name('__indirect_function_table').bytes([1, 0x70, 0, 0]) : out;
}

/** How such a module is run: what it imports, and all its functions without parameters, one after the other. */
export function binaryenGuest(seed: number): Guest {
  const said: unknown[] = [];
  const log = (value: unknown): number => said.push(value);
  /** Addresses are small as binaryen makes them: they are spread over the window, its edges and what is protected. */
  const move = (id: number, bytes: number, _offset: number, address: number): number => {
    const place = new SeededRandom(seed ^ Math.imul(id + 1, 0x9e3779b9)).int() >>> 0;
    if (place % 8 === 0) return address;
    if (place % 8 === 1) return PLACES[(place >>> 3) % PLACES.length]! + (address & 7);
    if (place % 8 === 2) return ((place >>> 3) % 32) * -bytes;
    const page = WINDOW.from + 4096 * (1 + ((place >>> 3) % ((WINDOW.to - WINDOW.from) / 4096 - 1)));
    return page - 16 + (address & 31);
  };
  const same = (_id: number, value: unknown): unknown => value;
  const env: Record<string, (...values: never[]) => unknown> = {
    load_ptr: move,
    store_ptr: move,
    memory_grow_pre: same,
  };
  env.memory_grow_post = same;
  for (const type of ['i32', 'i64', 'f32', 'f64']) {
    env[`log-${type}`] = log;
    env[`load_val_${type}`] = same;
    env[`store_val_${type}`] = same;
  }
  env['log-v128'] = log;
  // What else binaryen would like of its host: nothing of it is needed here.
  for (const name of ['call-export', 'call-export-catch', 'throw', 'sleep'])
    env[name] = (id) => Number(said.push(name, id)) & 0;
  return {
    env: env as WebAssembly.ModuleImports,
    run(exports) {
      said.length = 0;
      for (const [name, value] of Object.entries(exports)) {
        if (typeof value !== 'function' || value.length > 0) continue;
        try {
          said.push(name, value());
        } catch (error) {
          said.push((error as Error).message);
        }
      }
      return said.join();
    },
  };
}
