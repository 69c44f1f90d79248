// The whole state of a VMM as bytes: v86's device models by its own save_state, everything else as an image of its linear memory.
import { JIT_TABLE_OFFSET, STATE, STATICS } from './state.ts';
import type { Vmm } from './vmm.ts';

/** A snapshot that doesn't fit the machine it is put into. */
export class VmmStateError extends Error {
  override readonly name: string = 'VmmStateError';
}

/** The state of a VMM between two slices. */
export interface VmmState {
  /** What v86's `save_state` gives for the device models, without guest RAM. */
  readonly devices: ArrayBuffer;
  /** Length of the linear memory in bytes. */
  readonly memoryLength: number;
  /** Numbers of the 4 KiB pages of linear memory that are not all zero, ascending. */
  readonly pages: Uint32Array;
  /** Those pages, one after another. */
  readonly content: Uint8Array;
  /** Instructions since power-on. */
  readonly instructions: number;
  /** Virtual milliseconds that passed while the guest waited. */
  readonly idle: number;
  /** State of the machine's source of chance. */
  readonly random: number;
}

const PAGE = 4096;
const WASM_PAGE = 65536;
/** Slots that v86 has for compiled code. */
const JIT_SLOTS = 900;

/**
 * Takes the state. v86 leaves out of its own much that decides when the next interrupt comes: the TLB, what is hot, the heap, from whose
 * addresses Rust seeds its hash maps. An image of the memory holds all of that. Compiled code is in no image: it is dropped first, here
 * as there. Then the state is put back into this very machine, so that what v86 forgets is forgotten here too.
 */
export async function saveVmm(vmm: Vmm, refeed: () => void): Promise<VmmState> {
  vmm.jit.clear();
  // With its RAM taken for empty, v86 saves the devices only.
  const devices = await vmm.withoutRam(() => vmm.emulator.save_state());
  const { pages, content } = usedPages(vmm.memory.bytes);
  const state: VmmState = {
    devices,
    memoryLength: vmm.memory.bytes.length,
    pages,
    content,
    instructions: vmm.clock.instructions(vmm.memory.word(STATE.instructionCounter)),
    idle: vmm.clock.idle,
    random: vmm.random.state,
  };
  await restoreVmm(vmm, state, refeed);
  return state;
}

/**
 * Puts a state into a VMM that was made with the same options.
 * @param refeed gives the device models the input that they held unread: v86 does not save it.
 * @throws VmmStateError when guest RAM lies elsewhere in this VMM's memory than in the state's.
 */
export async function restoreVmm(vmm: Vmm, state: VmmState, refeed: () => void): Promise<void> {
  const missing = state.memoryLength - vmm.memory.bytes.length;
  if (missing > 0) vmm.growMemory(Math.ceil(missing / WASM_PAGE));
  // The device models ask for the time while they are restored.
  vmm.memory.setWord(STATE.instructionCounter, state.instructions);
  vmm.clock.restore(state.instructions, state.idle);
  await vmm.withoutRam(() => vmm.emulator.restore_state(state.devices.slice(0)));
  refeed();
  for (let slot = 0; slot < JIT_SLOTS; slot++) vmm.table.set(JIT_TABLE_OFFSET + slot, null);
  const { bytes } = vmm.memory;
  const ramEnd = vmm.ramBase + vmm.ramSize;
  bytes.fill(0, 0, vmm.ramBase);
  bytes.fill(0, ramEnd);
  // RAM of a machine that never ran is zero; to clear it would take real memory for all of it.
  if (!vmm.untouched) bytes.fill(0, vmm.ramBase, ramEnd);
  for (const [index, page] of state.pages.entries())
    bytes.set(state.content.subarray(index * PAGE, (index + 1) * PAGE), page * PAGE);
  const base = vmm.memory.word(STATICS.memoryBase) >>> 0;
  if (base !== vmm.ramBase)
    throw new VmmStateError(
      `snapshot: expected guest RAM at 0x${vmm.ramBase.toString(16)} of the VMM's memory, found it at 0x${base.toString(16)}; restore it with the options that it was taken with`,
    );
  vmm.random.state = state.random;
}

/** The pages of a memory that are not all zero. */
function usedPages(bytes: Uint8Array): { pages: Uint32Array; content: Uint8Array } {
  const words = new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
  const used: number[] = [];
  for (let page = 0; page < bytes.length / PAGE; page++) {
    const end = (page + 1) * (PAGE / 8);
    for (let at = page * (PAGE / 8); at < end; at++) {
      if (words[at] === 0n) continue;
      used.push(page);
      break;
    }
  }
  const content = new Uint8Array(used.length * PAGE);
  for (const [index, page] of used.entries()) content.set(bytes.subarray(page * PAGE, (page + 1) * PAGE), index * PAGE);
  return { pages: Uint32Array.from(used), content };
}
