// Hooks on changes of CPL, and on the system calls and returns that are known by them.

import { PRIVILEGE_WAYS, type PrivilegeWay } from '../../events/privilege.ts';
import {
  call,
  code,
  drop,
  end,
  i32Add,
  i32And,
  i32Const,
  i32Eq,
  i32Eqz,
  i32LtU,
  i32Ne,
  if_,
  localGet,
  localTee,
  return_,
} from '../../wasm/assembler.ts';
import type { Code } from '../../wasm/index.ts';
import type { FunctionName } from '../anchors.ts';
import { STATE } from '../state.ts';
import { type Instrumenter, loadByte, loadWord } from './instrumenter.ts';
import { GATE, tellSyscall } from './syscall.ts';

const RETURN_PATH = { iret: 0, sysexit: 1, retf: 2 } as const;
const ESP = STATE.generalRegisters + 16;
const SS_BASE = STATE.segmentBases + 8;

/** The function that each way of changing CPL goes through. */
const PLACES: Readonly<Record<PrivilegeWay, FunctionName>> = {
  'interrupt-gate': 'callInterruptVector',
  sysenter: 'sysenter',
  sysexit: 'sysexit',
  iret: 'iret',
  'call-gate': 'farJump',
  'far-return': 'farReturn',
  'task-switch': 'taskSwitch',
};

/** CPL stores report change, return and call gate; SYSENTER reports its system call earlier, while the caller's registers stand. */
export function instrumentPrivilege(w: Instrumenter, peek: number): void {
  const type = w.rewriter.addType(['i32'], ['i32']);
  for (const way of PRIVILEGE_WAYS) {
    const filter = w.rewriter.addFunction(
      type,
      { locals: ['i32'], code: cplFilter(w, way, peek) },
      `wolfden.cpl.${way}`,
    );
    for (const site of w.stores('cpl', PLACES[way])) w.filter(site, 'privilege', filter);
  }
  detourSysenter(w);
}

/** Code of a filter `(new CPL) -> new CPL` at the stores of one way. */
function cplFilter(w: Instrumenter, way: PrivilegeWay, peek: number): Code {
  const [value, old] = [localGet(0), 1];
  return code(
    ...[loadByte(STATE.cpl), localTee(old), value, i32Ne, if_()],
    way === 'call-gate' ? callGateSyscall(w, localGet(old)) : [],
    w.notify('cpl-change', localGet(old), value, i32Const(PRIVILEGE_WAYS.indexOf(way))),
    returnToUser(w, way, peek),
    end,
    value,
  );
}

const callGateSyscall = (w: Instrumenter, old: Code): Code =>
  w.listening('syscall', ...[old, i32Const(3), i32Eq, if_(), tellSyscall(w, GATE.callGate), drop, end]);

function returnToUser(w: Instrumenter, way: PrivilegeWay, peek: number): Code {
  // The frame is still on the kernel's stack: the instruction has read it and not yet moved ESP.
  const frame = (offset: number) =>
    code(loadWord(ESP), loadWord(SS_BASE), i32Add, i32Const(offset), i32Add, call(peek));
  const report = (path: number, target: Code, stack: Code) =>
    w.listening(
      'syscall-return',
      ...[localGet(0), i32Const(3), i32Eq, if_()],
      ...[w.hook('syscall-return', i32Const(path), target, stack), drop, end],
    );
  if (way === 'iret') return report(RETURN_PATH.iret, frame(0), frame(12));
  if (way === 'far-return') return report(RETURN_PATH.retf, frame(0), frame(8));
  if (way === 'sysexit') return report(RETURN_PATH.sysexit, loadWord(STATE.instructionPointer), loadWord(ESP));
  return [];
}

function detourSysenter(w: Instrumenter): void {
  // With a null SYSENTER_CS or outside protected mode the instruction raises #GP: no system call.
  const admitted = code(
    loadWord(STATE.sysenterCs),
    i32Const(0xfffc),
    i32And,
    i32Eqz,
    loadByte(STATE.protectedMode),
    i32LtU,
  );
  w.rewriter.detour(w.function('sysenter'), (original) => ({
    code: code(
      w.listening('syscall', ...[admitted, if_(), tellSyscall(w, GATE.sysenter), if_(), return_, end, end]),
      call(original),
    ),
  }));
}
