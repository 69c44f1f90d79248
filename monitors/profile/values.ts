// The form of each parameter's value in a profile, and what it is in words.
import * as v from 'valibot';
import type { ParameterName } from '../parameters.ts';
import { StoredAddressSchema as address } from './address.ts';

const whole = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff));
const size = v.picklist([1, 2, 4]);
const register = v.picklist(['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi']);
const vector = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255));
const milliseconds = v.pipe(v.number(), v.minValue(0));
const range = { from: address, to: address };
const field = { offset: whole, via: v.optional(whole) };
const calls = v.array(
  v.strictObject({
    number: v.pipe(v.number(), v.integer()),
    pathArgument: v.optional(v.union([register, v.strictObject({ register, offset: whole })])),
  }),
);

/** A parameter: what it is, and the form of its value. */
interface ParameterForm {
  readonly about: string;
  readonly schema: v.GenericSchema;
}

/** Every parameter, in the order in which they are shown. */
export const PARAMETER_FORMS = {
  kernelSplit: { about: "lowest address of the kernel's half", schema: address },
  kernelText: { about: "range of the kernel's code", schema: v.strictObject(range) },
  systemCallGates: {
    about: 'ways by which programs call the kernel',
    schema: v.array(
      v.strictObject({
        kind: v.picklist(['int', 'sysenter', 'call-gate']),
        vector: v.optional(vector),
        selector: v.optional(whole),
        entry: address,
      }),
    ),
  },
  systemCallNumber: { about: 'register with the number of the system call', schema: register },
  dispatchTable: {
    about: 'addresses of the functions that do the system calls',
    schema: v.strictObject({ address, length: v.pipe(whole, v.minValue(1)) }),
  },
  kernelEntries: { about: 'where the kernel is legitimately entered', schema: v.array(address) },
  kernelExits: { about: 'instructions by which it goes back to programs', schema: v.array(address) },
  contextSwitch: {
    about: 'function that changes the stack',
    schema: v.strictObject({ ...range, cr3Write: v.optional(address), stackSwitch: v.optional(address) }),
  },
  thread: {
    about: 'what tells threads apart',
    schema: v.strictObject({ how: v.picklist(['tss-esp0', 'kernel-stack']), stackSize: v.optional(whole) }),
  },
  current: {
    about: 'where the structure of the running thread is found',
    schema: v.variant('how', [
      v.strictObject({ how: v.literal('stack'), mask: whole, offset: whole, indirect: v.boolean() }),
      v.strictObject({ how: v.literal('global'), address }),
      v.strictObject({
        how: v.literal('segment'),
        segment: v.picklist(['fs', 'gs']),
        offset: v.union([whole, address]),
      }),
    ]),
  },
  processId: { about: "the thread's or process's id", schema: v.strictObject({ ...field, size }) },
  threadGroup: { about: 'the id that all threads of a process have', schema: v.strictObject({ ...field, size }) },
  name: {
    about: 'the name of the process',
    schema: v.strictObject({ ...field, length: v.pipe(whole, v.minValue(1)), pointer: v.boolean() }),
  },
  parent: {
    about: 'who created it',
    schema: v.strictObject({ ...field, kind: v.picklist(['pointer', 'id']), inside: v.optional(whole) }),
  },
  createCalls: { about: 'system calls that make a process or thread', schema: calls },
  replaceCalls: { about: 'system calls that replace the program', schema: calls },
  endCalls: { about: 'system calls that end a process or thread', schema: calls },
  idleLoop: { about: 'code that waits when there is nothing to do', schema: v.strictObject(range) },
  schedulingGap: {
    about: 'longest virtual time between two context switches',
    schema: v.strictObject({ busyMs: milliseconds, idleMs: milliseconds }),
  },
  timerVector: { about: "vector of the timer's interrupt", schema: vector },
  keyboardVector: { about: "vector of the keyboard's interrupt", schema: vector },
  keyboardHandler: { about: 'function that reads the key from the controller', schema: address },
  expectedAfterKey: { about: 'who runs after a key', schema: v.array(v.union([v.string(), v.number()])) },
  keyMover: { about: 'code that moves a key towards its reader', schema: address },
} as const satisfies Record<ParameterName, ParameterForm>;

/** The names of all parameters. */
export const PARAMETER_NAMES = Object.keys(PARAMETER_FORMS) as readonly ParameterName[];

/** Whether a text names a parameter. */
export const isParameterName = (name: string): name is ParameterName => Object.hasOwn(PARAMETER_FORMS, name);
