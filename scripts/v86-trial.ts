// Tries a v86 that the hooks were not made for: which anchors moved, whether the rewritten binary is valid, whether it runs a guest.
import { Machine } from '../emulator/index.ts';
import { instrument } from '../emulator/v86/instrument/index.ts';
import { AnchorError, type MovedAnchor, verifyAnchors } from '../emulator/v86/instrument/verify-anchors.ts';
import { readModule, WasmFormatError, WasmLookupError } from '../emulator/wasm/index.ts';
import { findGuest, prepareGuest } from '../guests/index.ts';

/** What came of one step. `failed` says why; a step after a failed one is not tried. */
export type Step = { readonly done: string } | { readonly failed: string } | { readonly skipped: string };

/** What is known of a v86 after a trial. */
export interface Trial {
  /** Anchors that are not where they were. */
  readonly moved: readonly MovedAnchor[];
  /** The rewriting, which knows anchors of its own (ports, the main loop, the JIT's emitter) and ends at the first that moved. */
  readonly rewriting: Step;
  /** Whether the engine accepts the rewritten binary. */
  readonly validation: Step;
  /** Whether it runs pup, and whether the modules of its JIT have the form that the hooks rely on. */
  readonly run: Step;
}

/** Whether all went well. */
export const holds = ({ moved, rewriting, validation, run }: Trial): boolean =>
  moved.length === 0 && [rewriting, validation, run].every((step) => 'done' in step);

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Turns an error of the rewriting into the anchors that it names. @throws what is no finding but a mistake of ours. */
function movedBy(error: unknown): readonly MovedAnchor[] {
  if (error instanceof AnchorError) return error.moved;
  if (error instanceof WasmLookupError)
    return [{ anchor: 'a function looked up by name', expected: 'one', found: error.message }];
  throw error;
}

/** The program that tries the JIT, and what it says when the CPU computes as it should. */
const PROGRAM = { command: 'sieve 100000\n', answer: 'sieve: 9592 primes below 100000' };
/** Virtual milliseconds; pup takes a hundredth of it. */
const LIMIT = 20_000;

async function runPup(wasm: Uint8Array, library: string): Promise<Step> {
  const { image, memorySize } = await prepareGuest(await findGuest('pup'));
  const machine = await Machine.create({ boot: { multiboot: image }, memorySize }, { wasm, library });
  try {
    let modules = 0;
    machine.on('jit-install', () => void modules++);
    if ((await machine.run({ until: 'pup# ', for: LIMIT })) !== 'until')
      return {
        failed: `pup did not come to its prompt; it showed ${JSON.stringify(machine.console.text.slice(-200))}`,
      };
    machine.type(PROGRAM.command);
    const end = await machine.run({ until: PROGRAM.answer, for: LIMIT });
    if (end !== 'until')
      return { failed: `expected "${PROGRAM.answer}", found ${JSON.stringify(machine.console.text.slice(-200))}` };
    if (modules === 0) return { failed: 'nothing was compiled: the JIT was not tried' };
    return { done: `pup computes as it should; modules of the JIT: ${modules}, of the known form` };
  } finally {
    await machine.close();
  }
}

/** Rewrites one v86.wasm and gives the result, or what stood in the way. */
function rewrite(bytes: Uint8Array, source: string): Uint8Array | readonly MovedAnchor[] {
  try {
    return instrument(bytes, source);
  } catch (error) {
    return movedBy(error);
  }
}

function validate(wasm: Uint8Array): Step {
  try {
    new WebAssembly.Module(wasm as BufferSource);
    return { done: 'the engine accepts the rewritten binary' };
  } catch (error) {
    return { failed: message(error) };
  }
}

/**
 * Tries a v86.
 * @param wasm its v86.wasm.
 * @param library its libv86.js.
 * @param source names the binary in messages.
 * @throws WasmFormatError when the binary can't be read.
 */
export async function tryV86(wasm: Uint8Array, library: string, source: string): Promise<Trial> {
  const skipped = (why: string): Step => ({ skipped: why });
  let moved: readonly MovedAnchor[] = [];
  try {
    verifyAnchors(readModule(wasm, source));
  } catch (error) {
    if (error instanceof WasmFormatError) throw error;
    moved = movedBy(error);
  }
  if (moved.length > 0) {
    const why = skipped('it needs the anchors above');
    return { moved, rewriting: why, validation: why, run: why };
  }
  const rewritten = rewrite(wasm, source);
  if (!(rewritten instanceof Uint8Array)) {
    const failed = { failed: 'an anchor that only the rewriting looks for; there may be more behind it' };
    const why = skipped('nothing was rewritten');
    return { moved: rewritten, rewriting: failed, validation: why, run: why };
  }
  const rewriting = { done: `${rewritten.length - wasm.length} bytes added` };
  const validation = validate(rewritten);
  if (!('done' in validation)) return { moved, rewriting, validation, run: skipped('it is not valid') };
  const run = await runPup(rewritten, library).catch((error: unknown): Step => ({ failed: message(error) }));
  return { moved, rewriting, validation, run };
}
