// The patterns that come with Wolfden. One that a user adds is a file of the same shape.
import contextSwitch from './context-switch.ts';
import createCalls from './create-calls.ts';
import current from './current.ts';
import dispatchTable from './dispatch-table.ts';
import endCalls from './end-calls.ts';
import expectedAfterKey from './expected-after-key.ts';
import idleLoop from './idle-loop.ts';
import kernelEntries from './kernel-entries.ts';
import kernelExits from './kernel-exits.ts';
import kernelSplit from './kernel-split.ts';
import kernelText from './kernel-text.ts';
import keyMover from './key-mover.ts';
import keyboardHandler from './keyboard-handler.ts';
import keyboardVector from './keyboard-vector.ts';
import name from './name.ts';
import parent from './parent.ts';
import type { AnyPattern } from './pattern.ts';
import processId from './process-id.ts';
import replaceCalls from './replace-calls.ts';
import schedulingGap from './scheduling-gap.ts';
import systemCallGates from './system-call-gates.ts';
import systemCallNumber from './system-call-number.ts';
import thread from './thread.ts';
import threadGroup from './thread-group.ts';
import timerVector from './timer-vector.ts';

/** All of them; the order is of no importance but for reading. */
export const PATTERNS: readonly AnyPattern[] = [
  ...[kernelSplit, kernelText, systemCallGates, systemCallNumber, dispatchTable, kernelEntries, kernelExits, idleLoop],
  ...[contextSwitch, thread, current, processId, threadGroup, name, parent, createCalls, replaceCalls, endCalls],
  ...[schedulingGap, timerVector, keyboardVector, keyboardHandler, expectedAfterKey, keyMover],
];
