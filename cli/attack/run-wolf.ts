// Lets one wolf loose in a den and judges what came of it.
import { JIT_TABLE_OFFSET } from '../../emulator/index.ts';
import type { Wolf } from '../../guests/wolves/catalogue.ts';
import type { Extension } from '../../monitors/edm/index.ts';
import type { Den } from './den.ts';
import { judge, type Outcome } from './outcome.ts';
import { takeReference } from './reference.ts';

type Attack = (parameter?: number) => unknown;

/** A slot for compiled code that the guest does not need so soon. */
const FREE_SLOT = 800;

/** How a wolf is let loose. */
export interface Wolfhound {
  readonly den: Den;
  readonly wolf: Wolf;
  readonly bytes: Uint8Array;
  /** Harmless bytes, for the wolf that swaps what it handed over. */
  readonly decoy: Uint8Array;
}

/** Runs the attack. The machine is of no use after an attack that won. */
export function runWolf({ den, wolf, bytes, decoy }: Wolfhound): Outcome {
  const { machine, edm } = den;
  const changed = takeReference(machine, edm, den.guest);
  const before = edm.log.alarms.length;
  const ended = wolf.way === 'compiled' ? compile(den, wolf, bytes, decoy) : attack(den, wolf, bytes);
  if (!edm.failure) edm.log.drain();
  const lost = changed().filter((part) => !wolf.moves?.includes(part));
  return judge(lost, edm.log.alarms.slice(before), ended);
}

/** Loads an extension and calls it. @returns the message of what ended the attack */
function attack({ edm }: Den, wolf: Wolf, bytes: Uint8Array): string | undefined {
  let extension: Extension;
  try {
    extension = edm.loadExtension(bytes, wolf.name);
  } catch (error) {
    return messageOf(error);
  }
  const { tries, attack: call } = extension.exports as Readonly<Record<string, Attack | undefined>>;
  if (!call) return `${wolf.name}: expected a function exported as attack, found none`;
  let ended: string | undefined;
  // A trap ends one try, not the attack.
  for (let count = tries ? Number(tries()) : 1, i = 0; i < count && !edm.failure; i++) {
    try {
      call(i);
    } catch (error) {
      ended = messageOf(error);
    }
  }
  edm.suspended();
  return ended;
}

/** Puts a module into v86's output buffer, has it installed as v86 does, and calls it. */
function compile({ machine, edm }: Den, wolf: Wolf, bytes: Uint8Array, decoy: Uint8Array): string | undefined {
  const { vmm } = machine;
  const slot = wolf.slot ?? FREE_SLOT;
  const buffer = vmm.exports.v86_malloc!(Math.max(bytes.length, decoy.length)) >>> 0;
  const swaps = wolf.name === 'jit-swap';
  const handed = swaps ? decoy : bytes;
  edm.bytes.set(handed, buffer);
  try {
    vmm.jit.enqueue(slot, 0x1000, 0, buffer, handed.length);
    if (swaps) edm.bytes.set(bytes, buffer);
    vmm.jit.install();
    const entry = edm.vmm.table.get(slot + JIT_TABLE_OFFSET) as Attack | null;
    entry?.(0);
  } catch (error) {
    return messageOf(error);
  } finally {
    edm.suspended();
  }
  return undefined;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
