// A pup in the project's machine, for tests: waits for what it prints, types at it, runs it until it halts. Node only.
import { readFile } from 'node:fs/promises';
import { bootImageOf } from '../../../emulator/boot/index.ts';
import { Machine, type MachineAssets } from '../../../emulator/index.ts';
import { loadAssets } from '../../../emulator/node/assets.ts';
import { imagePath, mapPath } from '../images.ts';
import type { SymbolMap } from '../symbols.ts';
import { type PupVariant, VARIANTS } from '../variants.ts';

/** The prompt of the shell, on both consoles. */
export const PROMPT = 'pup# ';

/** The variants that take no interrupts and run their program set by themselves, and the others. */
export const QUIET: readonly PupVariant[] = VARIANTS.filter(({ options }) => options.clock === 'quiet');
export const INTERACTIVE: readonly PupVariant[] = VARIANTS.filter(({ options }) => options.clock !== 'quiet');

/** The image of a catalogue variant. */
export const catalogueImage = async (name: string): Promise<Uint8Array> =>
  new Uint8Array(await readFile(imagePath(name)));

/** The map of a catalogue variant. */
export const catalogueMap = async (name: string): Promise<SymbolMap> =>
  JSON.parse(await readFile(mapPath(name), 'utf8')) as SymbolMap;

/** How to run a guest. */
export interface SessionOptions {
  /** @default true */
  readonly jit?: boolean;
  /** @default 16, the least that pup expects */
  readonly memoryMib?: number;
  readonly commandLine?: string;
  /** Instructions in a virtual microsecond. @default the machine's */
  readonly mips?: number;
}

/** Virtual milliseconds that a guest is waited for, unless told otherwise. */
const PATIENCE = 60_000;

/** All that can be compared of two runs. */
export interface Outcome {
  /** Everything on the serial line, as Latin-1. */
  readonly output: string;
  readonly instructions: number;
  /** Virtual milliseconds. */
  readonly time: number;
}

// Compiled once: the machines of a test file share the host's code for v86.
let assets: Promise<MachineAssets> | undefined;
async function sharedAssets(): Promise<MachineAssets> {
  const loaded = await loadAssets();
  const { wasm } = loaded;
  return {
    ...loaded,
    wasm: wasm instanceof WebAssembly.Module ? wasm : await WebAssembly.compile(wasm as BufferSource),
  };
}

/** Where a session has read to. */
export class PupSession {
  readonly machine: Machine;
  #read = 0;

  /** Puts an image into a machine that stands before its first instruction. */
  static async start(image: Uint8Array, options: SessionOptions = {}): Promise<PupSession> {
    const { jit = true, memoryMib = 16, commandLine = '', mips } = options;
    const memorySize = memoryMib << 20;
    const multiboot = bootImageOf({ kind: 'multiboot', file: 'pup.elf', kernel: image, commandLine, memorySize });
    assets ??= sharedAssets();
    const speed = mips === undefined ? {} : { mips };
    return new PupSession(await Machine.create({ boot: { multiboot }, memorySize, jit, ...speed }, await assets));
  }

  private constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Everything on the serial line. */
  get output(): string {
    return this.machine.console.text;
  }

  /** Runs until a text appears behind the last one that was waited for. @returns whether it did before the time was up */
  async shows(text: string, patience = PATIENCE): Promise<boolean> {
    const { machine } = this;
    const find = () => machine.console.text.indexOf(text, this.#read);
    if (find() < 0) await machine.run({ until: () => find() >= 0, for: patience });
    const at = find();
    if (at >= 0) this.#read = at + text.length;
    return at >= 0;
  }

  /** The same for a text that must come. @throws Error with the end of the output when it does not */
  async until(text: string): Promise<void> {
    if (await this.shows(text)) return;
    throw new Error(`pup did not print ${JSON.stringify(text)} after ${JSON.stringify(this.output.slice(-400))}`);
  }

  /** Types at the serial console, or what a keyboard sends. */
  type(input: string | readonly number[]): void {
    this.machine.schedule({ give: typeof input === 'string' ? { serial: input } : { scancodes: input } });
  }

  /**
   * Types at the shell, which is at its prompt, and waits for its next prompt.
   * @returns what was printed, without the echo of the line
   */
  async command(line: string, input: string | readonly number[] = `${line}\n`): Promise<string> {
    const from = this.#read;
    this.type(input);
    await this.until(PROMPT);
    const shown = this.output.slice(from, this.#read - PROMPT.length);
    return shown.slice(shown.indexOf('\r\n') + 2);
  }

  /** Runs until the guest halts for good. @throws Error when it does not */
  async halted(): Promise<Outcome> {
    const end = await this.machine.run({ for: PATIENCE });
    const { instructions, time } = this.machine.cpu;
    if (end === 'halted') return { output: this.output, instructions, time };
    throw new Error(`pup ran on ("${end}") after ${JSON.stringify(this.output.slice(-400))}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.machine.close();
  }
}

const KEYS = "\0\x1b1234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
const RELEASED = 0x80;

/** Scancodes (set 1) that press and release the keys for a text without capitals. */
export const scancodes = (text: string): number[] =>
  [...text].flatMap((character) => [KEYS.indexOf(character), KEYS.indexOf(character) | RELEASED]);
