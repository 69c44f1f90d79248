// Hooks on LGDT, LIDT, loads of TR, and WRMSR.
import { call, code, drop, else_, end, i32Const, i32Eqz, if_, localGet, return_ } from '../../wasm/assembler.ts';
import { OURS, STATE, TR } from '../state.ts';
import { type Instrumenter, loadByte, loadWord, storeWord } from './instrumenter.ts';

const TABLES = [
  { register: 0, limit: 'gdtrLimit', base: 'gdtrBase', places: ['lgdt16', 'lgdt32'] },
  { register: 1, limit: 'idtrLimit', base: 'idtrBase', places: ['lidt16', 'lidt32'] },
] as const;

export function instrumentSystemTables(w: Instrumenter): void {
  for (const table of TABLES) descriptorTable(w, table);
  taskRegister(w, 'loadTr', 0);
  taskRegister(w, 'taskSwitch', 1);
  detourWrmsr(w);
}

/** v86 stores the limit, then the base. The old limit is kept until the base's listener has decided about both. */
function descriptorTable(w: Instrumenter, { register, limit, base, places }: (typeof TABLES)[number]): void {
  const type = w.rewriter.addType(['i32'], ['i32']);
  const [newBase, oldBase] = [localGet(0), loadWord(STATE[base])];
  const filter = w.rewriter.addFunction(
    type,
    {
      code: code(
        w.hook('descriptor-table', i32Const(register), newBase, loadWord(STATE[limit])),
        ...[if_('i32'), storeWord(STATE[limit], loadWord(OURS.descriptorTableLimit)), oldBase, else_, newBase, end],
      ),
    },
    `wolfden.${base}`,
  );
  for (const place of places) {
    for (const site of w.stores(limit, place))
      w.insertBefore(
        site,
        w.listening('descriptor-table', storeWord(OURS.descriptorTableLimit, loadWord(STATE[limit]))),
      );
    for (const site of w.stores(base, place)) w.filter(site, 'descriptor-table', filter);
  }
}

/** The selector is the last of TR's parts that v86 stores: base and limit are the new ones already. */
function taskRegister(w: Instrumenter, place: 'loadTr' | 'taskSwitch', cause: number): void {
  const type = w.rewriter.addType(['i32'], ['i32']);
  const base = loadWord(STATE.segmentBases + 4 * TR);
  const filter = w.rewriter.addFunction(
    type,
    { code: code(w.hook('task-register', localGet(0), base, i32Const(cause)), drop, localGet(0)) },
    `wolfden.task-register.${place}`,
  );
  for (const site of w.stores('taskSelector', place)) w.filter(site, 'task-register', filter);
}

function detourWrmsr(w: Instrumenter): void {
  const register = (index: number) => loadWord(STATE.generalRegisters + 4 * index);
  const [eax, ecx, edx] = [register(0), register(1), register(2)];
  w.rewriter.detour(w.function('wrmsr'), (original) => ({
    code: code(
      w.listening(
        'msr-write',
        ...[loadByte(STATE.cpl), i32Eqz, if_(), w.hook('msr-write', ecx, eax, edx), if_(), return_, end, end],
      ),
      call(original),
    ),
  }));
}
