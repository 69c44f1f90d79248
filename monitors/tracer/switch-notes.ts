// Switches from one thread that is known to another are noted in WebAssembly, and booked later, many at a time. Most of what such a switch costs in JavaScript is
// that nothing of it is in the host's caches.
import {
  DECISION,
  type Machine,
  type Subscription,
  type VirtAddr,
  virt,
  type WasmListener,
  wasm,
} from '../../emulator/index.ts';
import { SEGMENT_NUMBER } from '../kernel/current.ts';
import type { NoteKeeper } from '../kernel/switches.ts';
import { type CurrentPlace, known, type Parameters, type ParameterValues } from '../parameters.ts';
import { toldBy } from './told.ts';

const { code } = wasm;
const {
  block,
  brIf,
  call,
  end,
  globalGet,
  i32Add,
  i32And,
  i32Const,
  i32Eq,
  i32Eqz,
  i32GeU,
  i32Load,
  i32Mul,
  i32Ne,
  i32Shl,
  i32ShrU,
  i32Store,
  i32WrapI64,
  i64Const,
  i64GeU,
  localGet,
  localTee,
  return_,
} = wasm.assembler;

const ESP = 4;

/** Threads that are known at most: one for each slot that an address is hashed to. */
const SLOT_BITS = 10;
const HASH = 0x9e3779b1;
/** In memory: the number of notes, then slots (structure, id), then notes (instructions, structure). */
const SLOTS = 8;
const NOTES = SLOTS + 8 * 2 ** SLOT_BITS;
/** Notes that are kept at most. */
const ROOM = 4096;
const PAGES = Math.ceil((NOTES + 8 * ROOM) / 2 ** 16);

/** Imports, locals and globals by their numbers. */
const [TOLD, WORD, REGISTER, SEGMENT_BASE, INSTRUCTIONS] = [0, 1, 2, 3, 4] as const;
const [STRUCTURE, SLOT, VALUE] = [4, 5, 6] as const;
const [DISTANCE, RETURNS] = [0, 1] as const;

/** Leaves the word at the address on the stack; out of the block when it can't be read. */
const readWord = code(call(WORD), localTee(VALUE), i64Const(2n ** 32n), i64GeU, brIf(0), localGet(VALUE), i32WrapI64);

/** Leaves the address of the structure that *current* names, in the kernel. */
function currentCode(place: CurrentPlace): wasm.Code {
  if (place.how === 'global') return code(i32Const(place.address), readWord);
  if (place.how === 'segment')
    return code(i32Const(SEGMENT_NUMBER[place.segment]), call(SEGMENT_BASE), i32Const(place.offset), i32Add, readWord);
  const at = code(i32Const(ESP), call(REGISTER), i32Const(place.mask), i32And, i32Const(place.offset), i32Add);
  return place.indirect ? code(at, readWord) : at;
}

/** Leaves the id in the structure of a thread; 0 where ids are not known. */
function idCode(field: ParameterValues['processId'] | undefined): wasm.Code {
  if (field === undefined) return i32Const(0);
  const structure = localGet(STRUCTURE);
  const second = field.via === undefined ? structure : code(structure, i32Const(field.via), i32Add, readWord);
  const id = code(second, i32Const(field.offset), i32Add, readWord);
  return field.size >= 4 ? id : code(id, i32Const(2 ** (8 * field.size) - 1), i32And);
}

function compile(place: CurrentPlace, id: ParameterValues['processId'] | undefined): WebAssembly.Module {
  const count = code(i32Const(0), i32Load());
  const note = code(count, i32Const(3), i32Shl);
  const leave = brIf(0);
  const body = code(
    block(),
    // Nothing is noted until it is known where threads end.
    ...[globalGet(RETURNS), i32Eqz, leave, count, i32Const(ROOM), i32GeU, leave],
    ...[currentCode(place), localTee(STRUCTURE), i32Const(HASH), i32Mul, i32Const(32 - SLOT_BITS), i32ShrU],
    ...[i32Const(3), i32Shl, localTee(SLOT), i32Load(SLOTS), localGet(STRUCTURE), i32Ne, leave],
    ...[idCode(id), localGet(SLOT), i32Load(SLOTS + 4), i32Ne, leave],
    ...[i32Const(ESP), call(REGISTER), globalGet(DISTANCE), i32Add, readWord, globalGet(RETURNS), i32Eq, leave],
    ...[note, call(INSTRUCTIONS), i32Store(NOTES), note, localGet(STRUCTURE), i32Store(NOTES + 4)],
    ...[i32Const(0), count, i32Const(1), i32Add, i32Store()],
    ...[i32Const(DECISION.allow), return_, end, call(TOLD)],
  );
  const integer = { params: ['i32'], results: ['i32'] } as const;
  const none = { params: [], results: ['i32'] } as const;
  const imported = (name: string, type: wasm.FunctionType) =>
    ({ kind: 'function', module: 'host', name, type }) as const;
  const bytes = wasm.buildModule({
    imports: [
      ...[imported('told', none), imported('word', { params: ['i32'], results: ['i64'] })],
      ...[imported('register', integer), imported('segmentBase', integer), imported('instructions', none)],
    ],
    memories: [{ limits: { min: PAGES } }],
    functions: [
      {
        type: { params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] },
        body: { locals: ['i32', 'i32', 'i64'], code: body },
        exportAs: 'listen',
      },
    ],
    globals: [DISTANCE, RETURNS].map(() => ({ type: 'i32', mutable: true, init: 0 }) as const),
    exports: [
      { name: 'memory', kind: 'memory', index: 0 },
      { name: 'distance', kind: 'global', index: DISTANCE },
      { name: 'returns', kind: 'global', index: RETURNS },
    ],
  });
  return new WebAssembly.Module(bytes as BufferSource);
}

interface Exports {
  readonly listen: WasmListener;
  readonly memory: WebAssembly.Memory;
  readonly distance: WebAssembly.Global<'i32'>;
  readonly returns: WebAssembly.Global<'i32'>;
}

/** Notes of switches. */
export class SwitchNotes implements NoteKeeper, Disposable {
  /** To be put at the instruction that switches stacks. */
  readonly listener: WasmListener;
  readonly #machine: Machine;
  readonly #exports: Exports;
  readonly #words: Int32Array;
  readonly #raises: Subscription;

  /** @param told hears of each switch that is not noted */
  constructor(machine: Machine, parameters: Parameters, told: () => void) {
    this.#machine = machine;
    const place = known(parameters, 'current')!;
    const module = compile(place, known(parameters, 'processId'));
    const javaScript = toldBy(machine, told);
    this.#raises = javaScript.raises;
    const host = { ...machine.reads, told: javaScript.told };
    this.#exports = new WebAssembly.Instance(module, { host }).exports as unknown as Exports;
    this.listener = this.#exports.listen;
    this.#words = new Int32Array(this.#exports.memory.buffer);
  }

  [Symbol.dispose](): void {
    this.#raises[Symbol.dispose]();
  }

  /** Begins to note, all but departures with that return address at that distance from the stack pointer; undefined ends it. */
  except(place: { readonly distance: number; readonly returns: VirtAddr } | undefined): void {
    this.#exports.distance.value = place?.distance ?? 0;
    this.#exports.returns.value = place?.returns ?? 0;
  }

  /** From now on switches of a thread may be noted, while it has that id. */
  admit(structure: VirtAddr, id: number | undefined): void {
    const slot = slotOf(structure);
    this.#words[slot] = structure;
    this.#words[slot + 1] = id ?? 0;
  }

  /** No more. */
  dismiss(structure: VirtAddr): void {
    const slot = slotOf(structure);
    if (this.#words[slot] === (structure | 0)) this.#words[slot] = 0;
  }

  /** Gives the notes back in their order, and has none any more. To be called at least once in 2^32 instructions. */
  take(each: (structure: VirtAddr, instructions: number) => void): void {
    const count = this.#words[0]!;
    if (count === 0) return;
    this.#words[0] = 0;
    const now = this.#machine.cpu.instructions;
    for (let index = 0; index < count; index++) {
      const note = NOTES / 4 + 2 * index;
      each(virt(this.#words[note + 1]!), now - ((now - this.#words[note]!) >>> 0));
    }
  }
}

const slotOf = (structure: VirtAddr): number => SLOTS / 4 + 2 * (Math.imul(structure, HASH) >>> (32 - SLOT_BITS));
