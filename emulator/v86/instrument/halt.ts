// Hooks on HLT and on what ends it.
import { code, drop, end, i32Ne, if_, localGet } from '../../wasm/assembler.ts';
import { type FunctionName, STORE_ANCHORS } from '../anchors.ts';
import { STATE } from '../state.ts';
import { type Instrumenter, loadByte } from './instrumenter.ts';

export function instrumentHalt(w: Instrumenter): void {
  const value = localGet(0);
  const filter = w.rewriter.addFunction(
    w.rewriter.addType(['i32'], ['i32']),
    { code: code(loadByte(STATE.halted), value, i32Ne, if_(), w.hook('halt', value), drop, end, value) },
    'wolfden.halt',
  );
  for (const place of Object.keys(STORE_ANCHORS.halted.stores) as FunctionName[])
    for (const site of w.stores('halted', place)) w.filter(site, 'halt', filter);
}
