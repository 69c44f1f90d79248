// Boots an image in plain v86, without the project's machine: time comes from the instruction counter, idle time is
// skipped, compiled code is installed at fixed points. So each run of a script is the same. For pup's own tests only.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

/** Waits until `until` has appeared in the serial output (behind the last step's), then types. */
export interface Step {
  readonly until: string;
  /** Text for the serial line. */
  readonly send?: string;
  /** Scancodes (set 1) for the keyboard. */
  readonly keys?: readonly number[];
}

/** How a run went. */
export interface Run {
  /** All bytes of the serial line, as Latin-1. */
  readonly output: string;
  /** Instructions executed when each step's text appeared, and at the end. */
  readonly instructions: readonly number[];
  /** Why it ended: all steps done, halted with interrupts off, or out of instructions. */
  readonly end: 'done' | 'halted' | 'exhausted';
  /** The text screen, 25 lines. */
  readonly screen: readonly string[];
}

export interface BootOptions {
  readonly steps?: readonly Step[];
  readonly jit?: boolean;
  readonly memoryMib?: number;
  readonly commandLine?: string;
  /** Gives up after so many instructions. */
  readonly limit?: number;
}

// biome-ignore lint/suspicious/noExplicitAny: v86 hands over untyped tables of functions.
type Untyped = any;
const FOLDER = path.dirname(createRequire(import.meta.url).resolve('v86/build/v86.wasm'));
const INSTRUCTIONS_PER_MS = 100_000;
const SLICE = 1_000_000;
// Where v86.wasm keeps its state.
const STATE = { flags: 120, halted: 616, instructionCounter: 664 };
const INTERRUPT_FLAG = 1 << 9;

/** Runs an image until its steps are done, it halts, or the limit is reached. */
export async function bootPup(image: Uint8Array, options: BootOptions = {}): Promise<Run> {
  const { steps = [], jit = true, memoryMib = 32, commandLine, limit = 2e9 } = options;
  const [library, wasm] = await Promise.all([readFile(`${FOLDER}/libv86.js`, 'utf8'), readFile(`${FOLDER}/v86.wasm`)]);
  let memory: WebAssembly.Memory | undefined;
  const state = () => (memory ? new DataView(memory.buffer) : undefined);
  let [high, last, skipped] = [0, 0, 0];
  const instructions = () => {
    const low = state()?.getUint32(STATE.instructionCounter, true) ?? 0;
    if (low < last) high += 2 ** 32;
    last = low;
    return high + low;
  };
  const now = () => instructions() / INSTRUCTIONS_PER_MS + skipped;
  const VirtualDate = class extends Date {
    static override now = () => 1.7e12 + now();
  };
  const module: Untyped = { exports: {} };
  new Function('performance', 'Date', 'module', 'exports', 'require', library)(
    { now },
    VirtualDate,
    module,
    module.exports,
  );

  const screen = Array.from({ length: 25 }, () => Array<string>(80).fill(' '));
  const marks: number[] = [];
  let [output, seen, step] = ['', 0, 0];
  return new Promise((resolve, reject) => {
    let ended = false;
    const finish = (end: Run['end']) => {
      if (ended) return;
      ended = true;
      marks.push(instructions());
      setImmediate(async () => {
        await emulator.destroy();
        resolve({ output, instructions: marks, end, screen: screen.map((row) => row.join('').trimEnd()) });
      });
    };
    // A guest that the CPU cannot go on with makes v86 panic.
    const attempt = (run: () => number) => {
      try {
        return run();
      } catch (error) {
        ended = true;
        reject(new Error(`v86 gave up after: ${output.slice(-400)}`, { cause: error }));
        return 0;
      }
    };
    const wasm_fn = async (imports: Untyped) => {
      const pending: [number, number, number, Uint8Array<ArrayBuffer>][] = [];
      imports.env.microtick = now;
      imports.env.codegen_finalize = (index: number, start: number, flags: number, at: number, length: number) =>
        pending.push([index, start, flags, new Uint8Array(memory!.buffer, at >>> 0, length >>> 0).slice()]);
      const exports: Untyped = (await WebAssembly.instantiate(wasm, imports)).instance.exports;
      memory = exports.memory as WebAssembly.Memory;
      const jitImports = { e: { ...exports, m: memory } };
      const install = ([index, start, flags, code]: (typeof pending)[number]) => {
        const compiled = new WebAssembly.Instance(new WebAssembly.Module(code), jitImports);
        imports.env.__indirect_function_table.set(index + 1024, compiled.exports.f);
        exports.codegen_finalize_finished(index, start, flags);
      };
      const main_loop = () => {
        const stop = instructions() + SLICE;
        while (!ended && instructions() < stop) {
          const idle = attempt(exports.main_loop);
          pending.splice(0).forEach(install);
          if (!state()!.getUint8(STATE.halted)) continue;
          if (!(state()!.getInt32(STATE.flags, true) & INTERRUPT_FLAG)) finish('halted');
          skipped += Math.max(idle, 0.05);
          break;
        }
        if (instructions() > limit) finish('exhausted');
        return 0;
      };
      return { ...exports, main_loop };
    };
    const buffer = image.slice().buffer;
    const emulator: Untyped = new module.exports.V86({
      ...{ wasm_fn, multiboot: { buffer }, cmdline: commandLine, memory_size: memoryMib << 20, disable_jit: !jit },
      ...{ autostart: true, disable_mouse: true, disable_speaker: true, disable_keyboard: true },
    });
    emulator.add_listener('emulator-stopped', () => finish('halted'));
    emulator.add_listener('screen-put-char', ([row, column, code]: number[]) => {
      screen[row!]![column!] = String.fromCharCode(code!);
    });
    emulator.add_listener('serial0-output-byte', (byte: number) => {
      output += String.fromCharCode(byte);
      const current = steps[step];
      const at = current ? output.indexOf(current.until, seen) : -1;
      if (!current || at < 0) return;
      marks.push(instructions());
      seen = at + current.until.length;
      step++;
      if (current.send) emulator.serial0_send(current.send);
      if (current.keys) emulator.keyboard_send_scancodes(current.keys);
      if (step === steps.length) finish('done');
    });
  });
}
