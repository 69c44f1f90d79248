// v86 as it comes, under the machine's rules for time, chance and installing compiled code: what the hooks are measured against.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { v86Folder } from '../emulator/node/assets.ts';
import { clearPrimaryChannel } from '../emulator/v86/absent-drives.ts';
import { loadLibrary, type V86Instance } from '../emulator/v86/library.ts';
import { SeededRandom } from '../emulator/v86/random.ts';
import { JIT_TABLE_OFFSET, STATE } from '../emulator/v86/state.ts';
import { VirtualClock } from '../emulator/v86/virtual-clock.ts';
import type { Environment } from '../emulator/v86/vmm-imports.ts';

type Functions = Record<string, (...values: number[]) => number>;

/** Milliseconds by which time moves on when a waiting guest has no timer that says how long. */
const LEAST_IDLE = 0.05;

/** A guest on unmodified v86.wasm. */
export class PlainV86 {
  text = '';
  readonly #clock: VirtualClock;
  #words = new Int32Array(0);
  #memory: WebAssembly.Memory | undefined;
  #exports: Functions = {};
  readonly #pending: (() => void)[] = [];

  private constructor(mips: number) {
    this.#clock = new VirtualClock(mips);
  }

  /** Loads v86 and its device models; the guest stands before its first instruction. */
  static async create(image: Uint8Array, memorySize: number): Promise<PlainV86> {
    const plain = new PlainV86(100);
    const folder = join(v86Folder(), 'build');
    const random = new SeededRandom(1);
    const V86 = loadLibrary(readFileSync(join(folder, 'libv86.js'), 'utf8'), {
      now: () => plain.#now(),
      epoch: Date.UTC(2024, 0, 1),
      random: () => random.fraction(),
    });
    const wasm = readFileSync(join(folder, 'v86.wasm'));
    let devices!: Environment;
    await new Promise<void>((resolve) => {
      const emulator: V86Instance = new V86({
        multiboot: { buffer: image.buffer.slice(image.byteOffset, image.byteOffset + image.length) },
        memory_size: memorySize,
        autostart: false,
        disable_keyboard: true,
        disable_mouse: true,
        disable_speaker: true,
        wasm_fn: ({ env }: { env: Functions & { __indirect_function_table: WebAssembly.Table } }) => {
          env.microtick = () => plain.#now();
          env.get_rand_int = () => random.int();
          env.stop_idling = () => 0;
          env.codegen_finalize = (...module) => plain.#enqueue(env.__indirect_function_table, module);
          devices = { ...env } as Environment;
          return plain.#instantiate(wasm, env);
        },
      });
      emulator.add_listener('serial0-output-byte', ((byte: number) => {
        plain.text += String.fromCharCode(byte);
      }) as never);
      emulator.add_listener('emulator-loaded', () => resolve());
    });
    clearPrimaryChannel(devices);
    return plain;
  }

  /** Instructions since power-on. */
  get instructions(): number {
    return this.#memory ? this.#clock.instructions(this.#word(STATE.instructionCounter)) : 0;
  }

  /** Runs until the serial console shows a text. */
  runUntil(text: string): void {
    while (!this.text.includes(text)) {
      const idle = this.#exports.main_loop!();
      for (let install = this.#pending.shift(); install; install = this.#pending.shift()) install();
      this.#clock.instructions(this.#word(STATE.instructionCounter)); // to be asked before it wraps
      if ((this.#word(STATE.halted) & 0xff) !== 0) this.#clock.idle += Math.max(idle, LEAST_IDLE);
    }
  }

  async #instantiate(wasm: Uint8Array, env: object): Promise<WebAssembly.Exports> {
    const { instance } = await WebAssembly.instantiate(wasm as BufferSource, { env } as WebAssembly.Imports);
    this.#exports = instance.exports as unknown as Functions;
    this.#memory = instance.exports.memory as WebAssembly.Memory;
    return instance.exports;
  }

  #enqueue(table: WebAssembly.Table, [slot, start, flags, pointer, length]: number[]): number {
    const from = pointer! >>> 0;
    const bytes = new Uint8Array(this.#memory!.buffer).slice(from, from + (length! >>> 0));
    this.#pending.push(() => {
      const e = { ...this.#exports, m: this.#memory! } as unknown as WebAssembly.ModuleImports;
      const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), { e });
      table.set(slot! + JIT_TABLE_OFFSET, instance.exports.f);
      this.#exports.codegen_finalize_finished!(slot!, start!, flags!);
    });
    return 0;
  }

  #word(address: number): number {
    if (this.#words.length === 0) this.#words = new Int32Array(this.#memory!.buffer);
    return this.#words[address >> 2]!;
  }

  #now(): number {
    return this.#memory ? this.#clock.at(this.instructions) : 0;
  }
}
