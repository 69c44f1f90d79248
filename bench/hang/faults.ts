// Faults of the six kinds that studies of hangs inject (Zhu et al., "SHFH", ISSRE 2012), put into a running kernel by patching its memory.
import { type Machine, type VirtAddr, virt } from '../../emulator/index.ts';
import type { SeededRandom } from '../../emulator/v86/random.ts';
import type { LinkLoad } from './links.ts';
import type { Place, Targets } from './targets.ts';

/** The kinds; endless loops come with interrupts and without. */
export const FAULTS = [
  'lost-unlock',
  'double-lock',
  'loop-with-interrupts',
  'loop-without-interrupts',
  'lost-wakeup',
  'corrupted-list',
  'interrupt-storm',
] as const;
export type FaultKind = (typeof FAULTS)[number];

/** A fault that was placed. */
export interface Fault {
  readonly kind: FaultKind;
  readonly address: VirtAddr;
  /** Bytes that are written, in hexadecimal. */
  readonly bytes: string;
  /** They are not written at the address: a node comes to point to itself when the kernel, there, follows its list. */
  readonly load?: LinkLoad;
}

const NOP = 0x90;
/** A kernel that is seen to work with fewer nodes has no doubly linked lists to speak of: those look like nodes by chance. */
const FEW_NODES = 10;

function pick<One>(random: SeededRandom, list: readonly One[]): One | undefined {
  return list[Math.floor(random.fraction() * list.length)];
}

/** Waits for a word that is not zero to become so, which nobody will do: the own return address. cmp dword [esp], 0; jne */
const WAITS_FOR_ITSELF = [0x83, 0x3c, 0x24, 0x00, 0x75, 0xfa];

const nothing = ({ length }: Place) => Array<number>(length).fill(NOP);

/** A conditional jump becomes one that is always taken. */
function alwaysTaken(machine: Machine, { address }: Place): number[] {
  const bytes = machine.memory.read(address, 6) as Uint8Array;
  return bytes[0] === 0x0f ? [NOP, 0xe9, ...bytes.subarray(2)] : [0xeb, bytes[1]!];
}

const littleEndian = (word: number): number[] => [0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff);

/** Chooses a place for a fault by chance. @returns undefined when the kernel has none for this kind */
export function chooseFault(
  kind: FaultKind,
  machine: Machine,
  targets: Targets,
  random: SeededRandom,
): Fault | undefined {
  const at = (address: VirtAddr | undefined, bytes: readonly number[]): Fault | undefined =>
    address === undefined ? undefined : { kind, address, bytes: Buffer.from(bytes).toString('hex') };
  const called = pick(random, targets.functions);
  switch (kind) {
    case 'lost-unlock': {
      const store = pick(random, targets.zeroStores);
      return store && at(store.address, nothing(store));
    }
    case 'double-lock': {
      const test = pick(random, targets.lockTests);
      // A kernel for one CPU may have no such locks: a function that waits for itself stands for one.
      return test && random.fraction() < 0.5
        ? at(test.address, alwaysTaken(machine, test))
        : at(called, WAITS_FOR_ITSELF);
    }
    case 'loop-with-interrupts':
      return at(called, [0xfb, 0xeb, 0xfe]);
    case 'loop-without-interrupts':
      return at(called, [0xfa, 0xeb, 0xfe]);
    case 'lost-wakeup': {
      const call = pick(random, targets.interruptCalls);
      return call && at(call.address, nothing(call));
    }
    case 'corrupted-list': {
      if (targets.nodes.length < FEW_NODES) {
        const load = pick(random, targets.linkLoads);
        return load && { kind, address: load.address, bytes: '', load };
      }
      // It comes to point to itself, or to a node that may be of another list.
      const node = pick(random, targets.nodes);
      const next = random.fraction() < 0.5 ? node : pick(random, targets.nodes);
      return at(node, littleEndian(next ?? 0));
    }
    case 'interrupt-storm':
      return at(called, [0xcd, targets.busiestVector, 0xeb, 0xfc]);
  }
}

/** A fault that is placed. Disposing of it takes nothing back. */
export interface Injected extends Disposable {
  /** When it was; undefined as long as the kernel has not come to a list. */
  readonly time: number | undefined;
}

/** Places a fault. @throws Error when the memory is not mapped */
export function inject(machine: Machine, { address, bytes, load }: Fault): Injected {
  if (load) return corruptWhenFollowed(machine, load);
  const miss = machine.memory.write(virt(address), Uint8Array.from(Buffer.from(bytes, 'hex')));
  if (miss) throw new Error(`fault at 0x${address.toString(16)}: expected memory there, found ${miss.reason}`);
  return { time: machine.cpu.time, [Symbol.dispose]: () => {} };
}

function corruptWhenFollowed(machine: Machine, { address, base, displacement }: LinkLoad): Injected {
  let time: number | undefined;
  const probe = machine.probe(address, ({ cpu }) => {
    if (time !== undefined) return;
    const node = cpu.register(base);
    if (!machine.memory.write(virt(node + displacement), Uint8Array.from(littleEndian(node)))) time = cpu.time;
  });
  return {
    get time() {
      return time;
    },
    [Symbol.dispose]: () => probe[Symbol.dispose](),
  };
}
