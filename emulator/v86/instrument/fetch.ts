// Hook on instruction fetch: the interpreter translates anew when it enters another page, and stores the result.
import {
  code,
  drop,
  end,
  i32Add,
  i32And,
  i32Const,
  i32Eqz,
  i32GeU,
  i32Load8U,
  i32LtU,
  i32Or,
  i32ShrU,
  i32Sub,
  i32Xor,
  if_,
  localGet,
  localSet,
  localTee,
  return_,
  select,
} from '../../wasm/assembler.ts';
import { type FunctionName, STORE_ANCHORS } from '../anchors.ts';
import { RIGHTS } from '../rights.ts';
import { ALIAS, OURS, STATE, TLB } from '../state.ts';
import { type Instrumenter, loadByte, loadWord } from './instrumenter.ts';
import { tlbEntry } from './tlb-code.ts';

/**
 * Filters `physical XOR virtual address` on its way to `fetchPage`: maps the alias of a protected frame back to the frame, since a fetch
 * reads RAM directly, and asks the fetch service where the frame may not be executed. The service denies by throwing: nothing of
 * the instruction has happened yet.
 * @returns the filter, `(translation) -> translation`.
 */
export function instrumentFetch(w: Instrumenter): number {
  const [translation, physical, rights] = [0, 1, 2];
  const eip = loadWord(STATE.instructionPointer);
  const atCpl0 = code(loadByte(STATE.cpl), i32Eqz);
  // An entry of a frame without R is not valid, but not empty.
  const userPage = code(eip, tlbEntry, i32Eqz, eip, tlbEntry, i32Const(TLB.noUser), i32And, i32Or, i32Eqz);
  const paging = code(loadWord(STATE.cr0), i32Const(31), i32ShrU);
  const filter = w.rewriter.addFunction(
    w.rewriter.addType(['i32'], ['i32']),
    {
      locals: ['i32', 'i32'],
      code: code(
        ...[localGet(translation), eip, i32Xor, localTee(physical), i32Const(ALIAS), i32GeU, if_()],
        // Only a protected frame has an alias; a fetch from elsewhere above RAM stays v86's own error.
        ...[
          localGet(physical),
          i32Const(ALIAS),
          i32Sub,
          i32Const(12),
          i32ShrU,
          loadWord(OURS.rightsFrames),
          i32LtU,
          if_(),
        ],
        ...[localGet(physical), i32Const(ALIAS), i32Xor, localSet(physical)],
        ...[localGet(translation), i32Const(ALIAS), i32Xor, localSet(translation), end, end],
        ...[localGet(physical), i32Const(12), i32ShrU, loadWord(OURS.rightsFrames), i32GeU],
        ...[if_(), localGet(translation), return_, end],
        ...[
          loadWord(OURS.rightsTable),
          localGet(physical),
          i32Const(12),
          i32ShrU,
          i32Add,
          i32Load8U(0),
          localSet(rights),
        ],
        ...[localGet(rights), i32Const(RIGHTS.noExecute | RIGHTS.noSupervisorExecute), i32Const(RIGHTS.noExecute)],
        ...[atCpl0, select, i32And],
        ...[loadWord(OURS.smep), atCpl0, i32And, paging, i32And, userPage, i32And, i32Or],
        ...[if_(), w.service('fetch', eip, localGet(physical), localGet(rights)), drop, end],
        localGet(translation),
      ),
    },
    'wolfden.fetch',
  );
  for (const place of Object.keys(STORE_ANCHORS.fetchPage.stores) as FunctionName[])
    for (const site of w.stores('fetchPage', place)) w.filter(site, 'fetch', filter);
  return filter;
}
