// Hooks on the soft TLB: fills, flushes, and the guard of protected frames.
import {
  call,
  code,
  drop,
  else_,
  end,
  i32Add,
  i32And,
  i32Const,
  i32Eqz,
  i32Load,
  i32Load8U,
  i32LtU,
  i32Or,
  i32ShrU,
  i32Store,
  i32Sub,
  i32Xor,
  if_,
  localGet,
  localSet,
  localTee,
  return_,
  select,
} from '../../wasm/assembler.ts';
import { type Code, scanStores } from '../../wasm/index.ts';
import type { FunctionName } from '../anchors.ts';
import { RIGHTS } from '../rights.ts';
import { ALIAS, OURS, STATE, STATICS, TLB } from '../state.ts';
import { type Instrumenter, loadByte, loadWord, storeWord } from './instrumenter.ts';
import { tlbOffset } from './tlb-code.ts';

/** What a flush removes, as `TlbFlushEvent` numbers it. */
const SCOPE = { all: 0, nonGlobal: 1, page: 2 } as const;

/** Where v86 empties the TLB: places that store -1 to `fetchVirtualPage`, so that the next fetch is translated anew. */
const FLUSHES: Readonly<Partial<Record<FunctionName, number>>> = {
  doPageWalk: SCOPE.all,
  setCr0: SCOPE.all,
  fullClearTlb: SCOPE.all,
  clearTlb: SCOPE.nonGlobal,
};

export function instrumentTranslation(w: Instrumenter): void {
  hookFlushes(w);
  detourPageWalk(w);
}

function hookFlushes(w: Instrumenter): void {
  const scopes = new Map(Object.entries(FLUSHES).map(([name, scope]) => [w.function(name as FunctionName), scope]));
  scanStores(
    w.module,
    (site) => {
      if (site.address !== STATE.fetchVirtualPage) return;
      const scope = scopes.get(site.functionIndex)!;
      w.insertBefore(site, w.notify('tlb-flush', i32Const(scope)));
    },
    (index) => scopes.has(index),
  );
  // INVLPG raises #GP at another CPL.
  w.rewriter.detour(w.function('invlpg'), (original) => ({
    code: code(
      w.listening(
        'tlb-flush',
        ...[loadByte(STATE.cpl), i32Eqz, if_(), w.hook('tlb-flush', i32Const(SCOPE.page), localGet(0)), drop, end],
      ),
      ...[localGet(0), call(original)],
    ),
  }));
}

/**
 * `do_page_walk(address, for writing, user, from compiled code, side effects) -> entry`, 0 after a fault.
 *
 * An access that may not pass is sent to an alias of the frame above RAM, where v86 takes it for a device and hands address, size and value to
 * the machine before anything happens. Compiled code can't be told the outcome there: it is made to give the instruction back to the interpreter
 * (`exit_jit`), whose walk is then the one that is reported, so that both behave alike.
 */
function detourPageWalk(w: Instrumenter): void {
  const restrict = addRestrict(w);
  const [address, writing, compiled, sideEffects] = [localGet(0), localGet(1), localGet(3), localGet(4)];
  const [entry, frame, taken] = [5, 6, 7];
  const flags = code(localGet(entry), i32Const(0xfff), i32And);
  const frameNumber = code(localGet(frame), i32Const(12), i32ShrU);
  // Most walks find a frame with all its rights: that much is seen without a call.
  const rights = code(
    ...[frameNumber, loadWord(OURS.rightsFrames), i32LtU, if_('i32')],
    ...[
      loadWord(OURS.rightsTable),
      frameNumber,
      i32Add,
      i32Load8U(0),
      i32Const(RIGHTS.noRead | RIGHTS.noWrite),
      i32And,
    ],
    ...[else_, i32Const(0), end],
  );
  /** Runs code when the access may not pass. */
  const ifDenied = (...body: readonly Code[]) =>
    w.listening(
      'guard',
      ...[rights, localTee(taken), if_(), address, writing, localGet(entry), localGet(taken), call(restrict)],
      ...[if_(), ...body, end, end],
    );
  const giveBack = code(storeWord(OURS.reinterpret, i32Const(1)), i32Const(0), return_);
  w.rewriter.detour(w.function('doPageWalk'), (original) => ({
    locals: ['i32', 'i32', 'i32'],
    code: code(
      ...[address, writing, localGet(2), compiled, sideEffects, call(original), localSet(entry)],
      w.watching(
        'walks',
        ...[localGet(entry), i32Eqz, sideEffects, i32Eqz, i32Or, if_(), localGet(entry), return_, end],
        ...[localGet(entry), address, i32Xor, i32Const(-4096), i32And, loadWord(STATICS.memoryBase), i32Sub],
        localSet(frame),
        ...[compiled, if_(), ifDenied(giveBack), end],
        w.notify('tlb-fill', address, code(localGet(frame), flags, i32Or), writing),
        // A listener may have stopped the machine: compiled code would go on.
        ...[compiled, loadWord(OURS.stopRequest), i32And, if_(), giveBack, end],
        // It may just have protected the frame.
        ifDenied(
          ...[compiled, if_(), giveBack, end],
          ...[w.service('guard', address, writing, frameNumber), drop],
          ...[localGet(entry), i32Const(ALIAS), i32Xor, return_],
        ),
      ),
      localGet(entry),
    ),
  }));
}

/**
 * Adds `(address, for writing, entry, rights removed) -> whether the access may not pass`: restricts what the TLB has for a frame without R or W.
 * Without W the entry stays read-only, so that each write walks again; without R it is not valid, but not empty either: v86 would list its
 * page a second time, and in the end flush the TLB for want of room.
 */
function addRestrict(w: Instrumenter): number {
  const [address, writing, entry, rights] = [localGet(0), localGet(1), localGet(2), localGet(3)];
  const word = 4;
  const has = (right: number) => code(rights, i32Const(right), i32And);
  const restricted = code(entry, i32Const(TLB.readOnly), i32Or);
  return w.rewriter.addFunction(
    w.rewriter.addType(['i32', 'i32', 'i32', 'i32'], ['i32']),
    {
      locals: ['i32'],
      code: code(
        // A listener that flushed the TLB on hearing of this fill has emptied the word: v86 would never flush what is put there.
        ...[address, tlbOffset, localTee(word), i32Load(STATICS.tlbData), if_()],
        ...[localGet(word), code(restricted, i32Const(~TLB.valid), i32And), restricted, has(RIGHTS.noRead), select],
        ...[i32Store(STATICS.tlbData), end],
        ...[has(RIGHTS.noRead), has(RIGHTS.noWrite), i32Const(0), writing, select, i32Or],
      ),
    },
    'wolfden.restrict',
  );
}
