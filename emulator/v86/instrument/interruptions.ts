// Hooks on everything that goes through the IDT: interrupts, exceptions, INT n.
import {
  call,
  code,
  drop,
  else_,
  end,
  i32Add,
  i32And,
  i32Const,
  i32Eq,
  i32GeS,
  i32GtS,
  i32Load8U,
  i32Ne,
  i32Or,
  i32Shl,
  i32Store,
  if_,
  localGet,
  localSet,
  localTee,
  return_,
  unreachable,
} from '../../wasm/assembler.ts';
import type { Code } from '../../wasm/index.ts';
import { ADDED_EXPORTS } from '../hook-points.ts';
import { DELIVERY_LIMIT, OURS, STATE } from '../state.ts';
import { addGateAdmits } from './gate.ts';
import { type Instrumenter, loadByte, loadWord, storeWord } from './instrumenter.ts';
import { GATE, tellSyscall } from './syscall.ts';

const BREAKPOINT = 3;
const PAGE_FAULT = 14;
/** #NM: the FPU's state has to be loaded first. */
const NO_FPU = 7;

/** `call_interrupt_vector(vector, is software, has error code, error code)` is where all of them pass. */
export function instrumentInterruptions(w: Instrumenter, peek: number): void {
  rememberAcknowledged(w, 'acknowledgePic');
  rememberAcknowledged(w, 'acknowledgeApic');
  const gateAdmits = addGateAdmits(w, peek);
  const [vector, software] = [localGet(0), localGet(1)];
  w.rewriter.detour(w.function('callInterruptVector'), (original) => ({
    locals: ['i32', 'i32', 'i32'],
    code: code(
      w.watching(
        'interruptions',
        ...[software, if_(), softwareInterrupt(w, gateAdmits), else_, hardwareOrException(w), end],
      ),
      storeWord(OURS.acknowledged, i32Const(0)),
      changeDeliveries(1),
      ...[loadWord(OURS.deliveries), i32Const(DELIVERY_LIMIT), i32GtS, if_(), unreachable, end],
      ...[vector, software, localGet(2), localGet(3), call(original)],
      changeDeliveries(-1),
    ),
  }));
  exportDeliver(w);
}

/** v86 knows no double fault: a fault while it delivers one recurses. */
const changeDeliveries = (by: number): Code =>
  storeWord(OURS.deliveries, code(loadWord(OURS.deliveries), i32Const(by), i32Add));

function softwareInterrupt(w: Instrumenter, gateAdmits: number): Code {
  const vector = localGet(0);
  const [opcode, restarts, restarted] = [4, 5, 6];
  const zero = i32Const(0);
  const leave = code(if_(), return_, end);
  return code(
    // An armed probe is an INT3: its service gives the instruction's own first byte, or -1 when this INT3 is the guest's.
    w.listening(
      'probe',
      ...[vector, i32Const(BREAKPOINT), i32Eq, if_(), w.service('probe', zero, zero, zero)],
      ...[localTee(opcode), zero, i32GeS, if_()],
      ...[loadWord(OURS.restarts), localSet(restarts), localGet(opcode), runInstruction(w)],
      // Only of one that may run again the service hears a second time.
      ...[loadWord(OURS.restarts), localGet(restarts), i32Ne, localTee(restarted)],
      ...[loadWord(STATE.instructionPointer), loadWord(STATE.previousInstructionPointer), i32Eq, i32Or, if_()],
      // A handler may have disposed of the last probe meanwhile.
      w.listening('probe', w.service('probe', i32Const(1), localGet(restarted), zero), drop),
      ...[end, return_, end, end],
    ),
    w.listening('software-interrupt', w.hook('software-interrupt', vector), leave),
    w.listening(
      'syscall',
      ...[loadByte(STATE.cpl), i32Const(3), i32Eq, vector, call(gateAdmits), i32And, if_()],
      ...[tellSyscall(w, GATE.int, vector), leave, end],
    ),
  );
}

function hardwareOrException(w: Instrumenter): Code {
  const [vector, hasErrorCode, errorCode] = [localGet(0), localGet(2), localGet(3)];
  const isVector = (number: number) => code(vector, i32Const(number), i32Eq);
  const leave = code(if_(), return_, end);
  return code(
    ...[loadWord(OURS.acknowledged), vector, i32Const(1), i32Add, i32Eq, if_()],
    w.notify('interrupt', vector),
    else_,
    // These two are answered by running the instruction again; others, like #UD, as often by going on behind it.
    storeWord(OURS.restarts, code(loadWord(OURS.restarts), isVector(PAGE_FAULT), isVector(NO_FPU), i32Or, i32Add)),
    w.listening(
      'page-fault',
      ...[isVector(PAGE_FAULT), if_()],
      ...[w.hook('page-fault', loadWord(STATE.cr2), errorCode), leave, end],
    ),
    w.listening('exception', w.hook('exception', vector, hasErrorCode, errorCode), leave),
    end,
  );
}

/** Runs the instruction whose first byte is on the stack; EIP stands behind that byte. */
export const runInstruction = (w: Instrumenter): Code =>
  code(loadByte(STATE.is32), i32Const(8), i32Shl, i32Or, call(w.function('interpret')));

/**
 * `acknowledge_irq(result)` leaves an Option<u8>: a tag byte and the vector. v86 calls `call_interrupt_vector` with it at once, with
 * the same arguments that #UD has: only this tells an interrupt from an exception.
 */
function rememberAcknowledged(w: Instrumenter, name: 'acknowledgePic' | 'acknowledgeApic'): void {
  const result = localGet(0);
  w.rewriter.detour(w.function(name), (original) => ({
    code: code(
      ...[result, call(original), result, i32Load8U(0), if_()],
      ...[i32Const(0), result, i32Load8U(1), i32Const(1), i32Add, i32Store(OURS.acknowledged), end],
    ),
  }));
}

function exportDeliver(w: Instrumenter): void {
  const type = w.rewriter.addType(['i32', 'i32', 'i32'], []);
  const body = code(localGet(0), i32Const(0), localGet(1), localGet(2), call(w.function('callInterruptVector')));
  w.rewriter.addExport(
    ADDED_EXPORTS.deliver,
    'function',
    w.rewriter.addFunction(type, { code: body }, ADDED_EXPORTS.deliver),
  );
}
