// Hooks on writes to CR0, CR3 and CR4.
import {
  call,
  code,
  drop,
  end,
  i32And,
  i32Const,
  i32Eq,
  i32Eqz,
  i32Load,
  i32Shl,
  if_,
  localGet,
  return_,
} from '../../wasm/assembler.ts';
import { CR4_RESERVED } from '../anchors.ts';
import { STATE } from '../state.ts';
import { type Instrumenter, loadByte, loadWord } from './instrumenter.ts';

const CAUSE = { mov: 0, clts: 1, taskSwitch: 2 } as const;

/**
 * MOV and LMSW are detoured as a whole, so that a suppressed write has none of its effects (TLB flush, reload of the PDPTEs); CLTS and the
 * task switch, which nobody can suppress, report at their stores.
 */
export function instrumentControlRegisters(w: Instrumenter): void {
  detourMove(w);
  detourSetCr0(w);
  observe(w, 'cr0', 'clts', CAUSE.clts);
  observe(w, 'cr0', 'interpret0f', CAUSE.clts);
  observe(w, 'cr0', 'taskSwitch', CAUSE.taskSwitch);
  observe(w, 'cr3', 'taskSwitch', CAUSE.taskSwitch);
}

/** `instr_0F22(source register, control register)`. CR0 goes on to `set_cr0`. */
function detourMove(w: Instrumenter): void {
  const [source, target] = [localGet(0), localGet(1)];
  const value = code(source, i32Const(2), i32Shl, i32Load(STATE.generalRegisters));
  const report = (kind: 'cr3-write' | 'cr4-write', number: 3 | 4, address: number, admitted: Uint8Array) =>
    w.listening(
      kind,
      ...[target, i32Const(number), i32Eq, admitted, i32And, if_()],
      ...[w.hook(kind, loadWord(address), value, i32Const(CAUSE.mov)), if_(), return_, end],
      end,
    );
  // At another CPL, or with a reserved bit set, the instruction faults instead of writing.
  const atCpl0 = code(loadByte(STATE.cpl), i32Eqz);
  const cr4Admitted = code(atCpl0, value, i32Const(CR4_RESERVED), i32And, i32Eqz, i32And);
  w.rewriter.detour(w.function('moveToControlRegister'), (original) => ({
    code: code(
      w.watching(
        'controlRegisters',
        report('cr3-write', 3, STATE.cr3, atCpl0),
        report('cr4-write', 4, STATE.cr4, cr4Admitted),
      ),
      ...[source, target, call(original)],
    ),
  }));
}

/** `set_cr0(value)`. */
function detourSetCr0(w: Instrumenter): void {
  w.rewriter.detour(w.function('setCr0'), (original) => ({
    code: code(
      w.listening(
        'cr0-write',
        w.hook('cr0-write', loadWord(STATE.cr0), localGet(0), i32Const(CAUSE.mov)),
        ...[if_(), return_, end],
      ),
      ...[localGet(0), call(original)],
    ),
  }));
}

/** Reports the value that a store is about to write; the store goes ahead. */
function observe(
  w: Instrumenter,
  register: 'cr0' | 'cr3',
  place: 'clts' | 'interpret0f' | 'taskSwitch',
  cause: number,
): void {
  const type = w.rewriter.addType(['i32'], ['i32']);
  const kind = `${register}-write` as const;
  const filter = w.rewriter.addFunction(
    type,
    { code: code(w.hook(kind, loadWord(STATE[register]), localGet(0), i32Const(cause)), drop, localGet(0)) },
    `wolfden.${register}-write.${place}`,
  );
  for (const site of w.stores(register, place)) w.filter(site, kind, filter);
}
