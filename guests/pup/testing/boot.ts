// Boots an image in plain v86, without the project's machine, for pup's own tests. Each run of a script is the same.
import { VirtualClock } from './clock.ts';
import type { BootOptions, Run } from './run.ts';
import { loadV86, type Untyped, wasmFunction } from './vmm.ts';

/** Instructions between two looks at the host's event loop. */
const SLICE = 1_000_000;
const ROWS = 25;
const COLUMNS = 80;

/** Runs an image until its steps are done, it halts, or time is up. Rejects if the guest makes v86 panic. */
export async function bootPup(image: Uint8Array, options: BootOptions = {}): Promise<Run> {
  const { steps = [], jit = true, memoryMib = 32, commandLine, limitMs = 60_000 } = options;
  const clock = new VirtualClock();
  const V86 = await loadV86(clock);
  const screen = Array.from({ length: ROWS }, () => Array<string>(COLUMNS).fill(' '));
  const instructions: number[] = [];
  let [output, seen, step, ended] = ['', 0, 0, false];
  return new Promise((resolve, reject) => {
    // Not at once: v86 is in the middle of something.
    const end = (settle: () => void) => {
      if (ended) return;
      ended = true;
      instructions.push(clock.instructions);
      setImmediate(() => emulator.destroy().then(settle));
    };
    const finish = (reason: Run['end']) =>
      end(() => resolve({ output, instructions, end: reason, screen: screen.map((row) => row.join('').trimEnd()) }));

    const runSlice = (runOnce: () => number) => {
      const stop = clock.instructions + SLICE;
      while (!ended && clock.instructions < stop) {
        const idleMs = runOnce();
        if (!clock.halted) continue;
        if (!clock.interruptsOn) finish('halted');
        clock.skip(idleMs);
        break;
      }
      if (clock.now() > limitMs) finish('exhausted');
    };
    const wasm_fn = wasmFunction(clock, (runOnce) => {
      try {
        runSlice(runOnce);
      } catch (cause) {
        end(() => reject(new Error(`v86 gave up; the serial line ended with: ${output.slice(-400)}`, { cause })));
      }
    });
    const emulator: Untyped = new V86({
      ...{ wasm_fn, multiboot: { buffer: image.slice().buffer }, cmdline: commandLine, memory_size: memoryMib << 20 },
      ...{ disable_jit: !jit, autostart: true, disable_mouse: true, disable_speaker: true, disable_keyboard: true },
    });
    emulator.add_listener('screen-put-char', ([row, column, code]: [number, number, number]) => {
      screen[row]![column] = String.fromCharCode(code);
    });
    emulator.add_listener('serial0-output-byte', (byte: number) => {
      output += String.fromCharCode(byte);
      const current = steps[step];
      const at = current ? output.indexOf(current.until, seen) : -1;
      if (!current || at < 0) return;
      instructions.push(clock.instructions);
      seen = at + current.until.length;
      step++;
      if (current.send) emulator.serial0_send(current.send);
      if (current.keys) emulator.keyboard_send_scancodes(current.keys);
      if (step === steps.length) finish('done');
    });
  });
}
