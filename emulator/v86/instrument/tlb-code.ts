// Pieces of code that look at v86's soft TLB.
import {
  call,
  code,
  end,
  i32And,
  i32Const,
  i32Eqz,
  i32Load,
  i32ShrU,
  i32Xor,
  if_,
  localGet,
  localTee,
  return_,
} from '../../wasm/assembler.ts';
import { STATICS, TLB } from '../state.ts';
import type { Instrumenter } from './instrumenter.ts';

/** Replaces a virtual address on the stack by the linear address of its TLB word, less the base of `tlb_data`. */
export const tlbOffset = code(i32Const(10), i32ShrU, i32Const(0x3ffffc), i32And);

/** Replaces a virtual address on the stack by its TLB entry; 0 when there is none. */
export const tlbEntry = code(tlbOffset, i32Load(STATICS.tlbData));

/** Adds `(virtual address) -> word`: what the guest has there, 0 where nothing is mapped. It neither faults nor fills the TLB. */
export function addPeek(w: Instrumenter): number {
  const type = w.rewriter.addType(['i32'], ['i32']);
  const entry = 1;
  const zero = i32Const(0);
  return w.rewriter.addFunction(
    type,
    {
      locals: ['i32'],
      code: code(
        ...[localGet(0), tlbEntry, localTee(entry), i32Const(TLB.valid), i32And, i32Eqz, if_()],
        // The last argument makes it a walk without side effects.
        ...[localGet(0), zero, zero, zero, zero, call(w.function('doPageWalk')), localTee(entry)],
        ...[i32Eqz, if_(), zero, return_, end, end],
        ...[localGet(entry), i32Const(-4096), i32And, localGet(0), i32Xor, i32Load(0)],
      ),
    },
    'wolfden.peek',
  );
}
