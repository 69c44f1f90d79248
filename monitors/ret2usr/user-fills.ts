// Hears of each translation of a user page, in WebAssembly: address spaces are switched thousands of times a second, and each switch is
// followed by some of these. JavaScript is called only for a frame that was nobody's.
import { type Frame, type Machine, type Subscription, type WasmListener, wasm } from '../../emulator/index.ts';

const { code } = wasm;
const { call, end, globalGet, globalSet, i32Add, i32And, i32Const, i32GeU, i32Load8U, i32Mul } = wasm.assembler;
const { i32ShrU, i32Store, i32Store8, if_, localGet, localSet, return_ } = wasm.assembler;

const LISTENER = { params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] } as const;
/** Bit of a fill's second integer, beside the frame's address (`tlb-fill`): CPL 3 may not use the entry. */
const NO_USER = 4;
const PAGE_OF_MEMORY = 1 << 16;
/** Globals of the module. */
const [SPACE, COUNT] = [0, 1];

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly fill: WasmListener;
  readonly write: WasmListener;
  readonly space: WebAssembly.Global<'i32'>;
  readonly count: WebAssembly.Global<'i32'>;
}

/** One byte, and two words, for each frame of RAM. */
function layout(frames: number) {
  const spaces = (frames + 3) & ~3;
  const pages = spaces + 4 * frames;
  return { spaces, pages, size: pages + 4 * frames };
}

function compile(frames: number): WebAssembly.Module {
  const { spaces, pages, size } = layout(frames);
  const [address, word, frame] = [localGet(1), localGet(2), 4];
  const nothing = code(i32Const(0), return_);
  const increment = code(globalGet(COUNT), i32Const(1), i32Add, globalSet(COUNT));
  const slot = code(localGet(frame), i32Const(4), i32Mul);
  const fill = code(
    ...[word, i32Const(NO_USER), i32And, if_(), nothing, end],
    ...[word, i32Const(12), i32ShrU, localSet(frame)],
    ...[localGet(frame), i32Const(frames), i32GeU, if_(), nothing, end],
    increment,
    ...[slot, globalGet(SPACE), i32Store(spaces)],
    ...[slot, address, i32Const(~0xfff), i32And, i32Store(pages)],
    ...[localGet(frame), i32Load8U(0), if_(), nothing, end],
    ...[localGet(frame), i32Const(1), i32Store8(0)],
    ...[localGet(frame), call(0), i32Const(0)],
  );
  const bytes = wasm.buildModule({
    imports: [{ kind: 'function', module: 'monitor', name: 'owned', type: { params: ['i32'], results: [] } }],
    functions: [
      { type: LISTENER, body: { locals: ['i32'], code: fill }, exportAs: 'fill' },
      // cr3-write: the old value and the new one.
      { type: LISTENER, body: { code: code(localGet(2), globalSet(SPACE), i32Const(0)) }, exportAs: 'write' },
    ],
    memories: [{ limits: { min: Math.ceil(size / PAGE_OF_MEMORY) } }],
    globals: [SPACE, COUNT].map(() => ({ type: 'i32' as const, mutable: true, init: 0 })),
    exports: [
      { name: 'memory', kind: 'memory', index: 0 },
      { name: 'space', kind: 'global', index: SPACE },
      { name: 'count', kind: 'global', index: COUNT },
    ],
  });
  return new WebAssembly.Module(bytes as BufferSource);
}

/** For each frame, the user page that it was last reached through. */
export class UserFills implements Disposable {
  /** 1 for a frame that is the user's. */
  readonly owned: Uint8Array;
  /** CR3 and first address of the page that led to each frame last. */
  readonly spaces: Uint32Array;
  readonly pages: Uint32Array;
  readonly #exports: Exports;
  readonly #subscriptions: readonly Subscription[];

  /** @param taken told of each frame that becomes the user's. */
  constructor(machine: Machine, taken: (frame: Frame) => void) {
    const frames = machine.memory.size >>> 12;
    const { spaces, pages } = layout(frames);
    const { exports } = new WebAssembly.Instance(compile(frames), { monitor: { owned: taken } });
    this.#exports = exports as unknown as Exports;
    const { memory, fill, write, space } = this.#exports;
    this.owned = new Uint8Array(memory.buffer, 0, frames);
    this.spaces = new Uint32Array(memory.buffer, spaces, frames);
    this.pages = new Uint32Array(memory.buffer, pages, frames);
    space.value = machine.cpu.cr3 | 0;
    this.#subscriptions = [machine.on('cr3-write', write), machine.on('tlb-fill', fill)];
  }

  /** Translations of user pages that were heard of. */
  get count(): number {
    return this.#exports.count.value >>> 0;
  }

  [Symbol.dispose](): void {
    for (const one of this.#subscriptions) one[Symbol.dispose]();
  }
}
