// Where faults can be placed, found without symbols: what the kernel executes while the guest works, and lists that lie in its memory.
import { type Machine, type VirtAddr, virt, x86 } from '../../emulator/index.ts';
import { SeededRandom } from '../../emulator/v86/random.ts';
import type { Range } from '../../monitors/parameters.ts';
import { type LinkLoad, LinkLoads } from './links.ts';

/** An instruction that was executed. */
export interface Place {
  readonly address: VirtAddr;
  /** Bytes of it. */
  readonly length: number;
}

/** What a fault may be placed at. Addresses are virtual ones of the guest. */
export interface Targets {
  /** First instructions of functions that were called. */
  readonly functions: readonly VirtAddr[];
  /** Calls with a relative target that were executed while an interrupt was handled, up to a switch to another thread. */
  readonly interruptCalls: readonly Place[];
  /** Stores of zero through a pointer: unlocks are among them. */
  readonly zeroStores: readonly Place[];
  /** Conditional jumps right behind an exchange: they are taken when a lock is held. */
  readonly lockTests: readonly Place[];
  /** Nodes of doubly linked lists that the kernel was seen to work with. */
  readonly nodes: readonly VirtAddr[];
  /** Where it was seen to follow lists: for kernels that link in one direction only. */
  readonly linkLoads: readonly LinkLoad[];
  /** The vector that interrupted most often. */
  readonly busiestVector: number;
}

/** How the kernel is looked at: so many instructions one by one, so many times, with fewer events than this between. */
const LOOKS = 450;
const STEPS = 2500;
const BETWEEN = 60;
/** Most virtual milliseconds between, for a guest that waits. */
const LONGEST = 300;
/** RAM that is searched for lists from its start. */
const SEARCHED = 48 << 20;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Whether an instruction stores a zero to memory: C6 /0 or C7 /0, the immediate last (SDM vol. 2, MOV). */
function storesZero(code: string): boolean {
  const [opcode, modrm] = [code.slice(0, 2), Number.parseInt(code.slice(2, 4), 16)];
  if ((opcode !== 'c6' && opcode !== 'c7') || modrm >> 6 === 3 || ((modrm >> 3) & 7) !== 0) return false;
  return opcode === 'c6' ? code.endsWith('00') : code.endsWith('00000000');
}

/** XCHG and CMPXCHG with memory, and BTS, each with a prefix or without. */
const EXCHANGE = /^(f0|3e|90)?(8[67][0-7].|0fb[01][0-7].|0fab[0-7].)/;
const CONDITIONAL = /^(7.|0f8.)/;

interface Decoded {
  readonly length: number;
  readonly code: Uint8Array;
  /** The same in hexadecimal. */
  readonly bytes: string;
  readonly target: VirtAddr | undefined;
}

/** What has to be known of the kernel. */
export interface Known {
  readonly text: Range;
  /** Where its part of the address space begins. */
  readonly split: number;
  /** The instruction that switches to another thread's stack: what comes behind it is not in an interrupt any more. */
  readonly switchAt: VirtAddr | undefined;
}

/**
 * Looks at a working guest.
 * @param work keeps it working; called between looks.
 */
export async function findTargets(
  machine: Machine,
  { text, split, switchAt }: Known,
  work: () => void,
): Promise<Targets> {
  const { decodeAt } = await x86.loadDecoder();
  const [functions, calls, stores, tests] = [
    new Set<VirtAddr>(),
    new Map<VirtAddr, Place>(),
    new Map<VirtAddr, Place>(),
    new Map<VirtAddr, Place>(),
  ];
  const vectors = new Map<number, number>();
  const seen = new Map<VirtAddr, Decoded>();
  const nodes = listNodes(machine, split);
  const links = new LinkLoads(split);
  const register = (number: number) => machine.cpu.register(number);
  const word = (at: VirtAddr) => machine.memory.readWord(at);
  const handled = new Set<number>();
  let interrupted = false;
  // Looks begin by turns at an interrupt, a system call and a page fault: functions of all of the kernel are met.
  const random = new SeededRandom(LOOKS);
  let [look, skipped] = [0, 0];
  const ready = (turn: number) => (look % 3 === turn && skipped-- <= 0 ? 'stop' : undefined);
  using _interrupts = machine.on('interrupt', ({ vector }) => {
    vectors.set(vector, (vectors.get(vector) ?? 0) + 1);
    interrupted = true;
    return ready(0);
  });
  using _calls = machine.on('syscall', () => ready(1));
  using _faults = machine.on('page-fault', () => ready(2));
  const decode = (at: VirtAddr) => {
    const known = seen.get(at);
    if (known) return known;
    const bytes = machine.memory.read(at, 15);
    const one = bytes instanceof Uint8Array ? decodeAt(bytes, at) : undefined;
    if (one?.kind !== 'instruction') return undefined;
    const found = {
      length: one.length,
      code: (bytes as Uint8Array).slice(0, one.length),
      bytes: hex((bytes as Uint8Array).subarray(0, one.length)),
      target: one.flow === 'call' ? one.target : undefined,
    };
    seen.set(at, found);
    return found;
  };
  for (; look < LOOKS; look++) {
    work();
    interrupted = false;
    skipped = Math.floor(BETWEEN * random.fraction());
    await machine.run({ for: LONGEST });
    let exchange = false;
    machine.step(STEPS, () => {
      const { cpu } = machine;
      const at = cpu.eip;
      if (cpu.cpl !== 0 || at < text.from || at >= text.to) return;
      for (let register = 0; register < 8; register++) handled.add(cpu.register(register));
      const one = decode(at);
      if (!one) return;
      const place = { address: at, length: one.length };
      if (one.target !== undefined && one.target >= text.from && one.target < text.to) {
        functions.add(one.target);
        if (interrupted && one.length === 5) calls.set(at, place);
      }
      links.see({ address: at, bytes: one.code, register, word });
      if (storesZero(one.bytes)) stores.set(at, place);
      if (exchange && CONDITIONAL.test(one.bytes)) tests.set(at, place);
      // A test may stand between the exchange and the jump.
      exchange = EXCHANGE.test(one.bytes) || (exchange && /^(85|84|a8|a9|f6|3c)/.test(one.bytes));
      if (one.bytes === 'cf' || at === switchAt) interrupted = false;
    });
  }
  const [busiest = [0x20]] = [...vectors].sort((a, b) => b[1] - a[1]);
  return {
    functions: [...functions],
    interruptCalls: [...calls.values()],
    zeroStores: [...stores.values()],
    lockTests: [...tests.values()],
    nodes: nodes.filter((node) => handled.has(node)),
    linkLoads: links.found,
    busiestVector: busiest[0]!,
  };
}

/** Words of kernel memory that point to something that points back: nodes whose `next` has a `previous`. Memory is taken to be mapped at its start. */
function listNodes(machine: Machine, split: number): VirtAddr[] {
  const { memory } = machine;
  const size = Math.min(SEARCHED, memory.size);
  const word = (address: number) => memory.wordAt((address >>> 0) as never);
  const found: VirtAddr[] = [];
  for (let at = 0; at < size; at += 4) {
    const next = word(at)! - split;
    if (next <= 0 || next >= size - 8 || (next & 3) !== 0 || next === at) continue;
    if (word(next + 4) === at + split) found.push(virt(at + split));
  }
  return found;
}
