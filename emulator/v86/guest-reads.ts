// What a listener in WebAssembly may ask of the guest: exported functions, which it imports, so that it reads without JavaScript.
import {
  code,
  end,
  i32Add,
  i32And,
  i32Const,
  i32Eqz,
  i32GtU,
  i32Load,
  i32Or,
  i32Shl,
  i32Sub,
  i32Xor,
  i64Const,
  i64ExtendI32U,
  if_,
  localGet,
  localTee,
  return_,
} from '../wasm/assembler.ts';
import { buildModule } from '../wasm/index.ts';
import { loadWord } from './instrument/instrumenter.ts';
import { tlbEntry } from './instrument/tlb-code.ts';
import { OURS, STATE, TLB } from './state.ts';

/** Exported WebAssembly functions; their types as WebAssembly has them are said of each. */
export interface GuestReads {
  /**
   * `(i32) -> i64`: the word at a virtual address of the current space, unsigned, by the translation that the TLB has. -1 when it has none, when there is no
   * RAM, or when the address is not aligned: JavaScript may find it yet (`GuestMemory.readWord`).
   */
  readonly word: (address: number) => bigint;
  /** `(i32) -> i32`: a general register by the number of its encoding, from 0 to 7. */
  readonly register: (index: number) => number;
  /** `(i32) -> i32`: the base of a segment register by its number: es cs ss ds fs gs tr ldtr. */
  readonly segmentBase: (index: number) => number;
  /** `() -> i32`: instructions begun since power-on, modulo 2^32. */
  readonly instructions: () => number;
}

const NO_WORD = -1n;

const wordIn = (base: number) => code(localGet(0), i32Const(7), i32And, i32Const(2), i32Shl, i32Load(base));

/** @param ramBase linear address of guest-physical address 0; `ramSize` in bytes */
export function guestReads(memory: WebAssembly.Memory, ramBase: number, ramSize: number): GuestReads {
  const [address, linear] = [0, 1];
  const miss = code(if_(), i64Const(NO_WORD), return_, end);
  const word = code(
    ...[localGet(address), tlbEntry, localTee(linear)],
    ...[i32Const(TLB.valid), i32And, i32Eqz, localGet(address), i32Const(3), i32And, i32Or, miss],
    ...[localGet(linear), i32Const(~0xfff), i32And, localGet(address), i32Xor, localTee(linear)],
    ...[i32Const(ramBase), i32Sub, i32Const(ramSize - 4), i32GtU, miss],
    ...[localGet(linear), i32Load(), i64ExtendI32U],
  );
  const one = { params: ['i32'], results: ['i32'] } as const;
  const bytes = buildModule({
    imports: [{ kind: 'memory', module: 'vmm', name: 'memory', memory: { limits: { min: 1 } } }],
    functions: [
      { type: { params: ['i32'], results: ['i64'] }, body: { locals: ['i32'], code: word }, exportAs: 'word' },
      { type: one, body: { code: wordIn(STATE.generalRegisters) }, exportAs: 'register' },
      { type: one, body: { code: wordIn(STATE.segmentBases) }, exportAs: 'segmentBase' },
      {
        type: { params: [], results: ['i32'] },
        body: { code: code(loadWord(STATE.instructionCounter), loadWord(OURS.liveInstructions), i32Add) },
        exportAs: 'instructions',
      },
    ],
  });
  const module = new WebAssembly.Module(bytes as BufferSource);
  return new WebAssembly.Instance(module, { vmm: { memory } }).exports as unknown as GuestReads;
}
