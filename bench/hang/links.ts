// Loads that follow a list from one node to the next, found without symbols while a kernel runs.
import { type VirtAddr, virt } from '../../emulator/index.ts';

/** A load of a node's link: `mov register, [base+displacement]`. */
export interface LinkLoad {
  readonly address: VirtAddr;
  /** Number of the register that points to the node. */
  readonly base: number;
  /** Where in the node the link is. */
  readonly displacement: number;
}

const ESP = 4;
const EBP = 5;

/** The base and displacement that a load has; undefined for other instructions (SDM vol. 2, MOV: 8B /r without SIB). */
export function loadOf(bytes: Uint8Array): Pick<LinkLoad, 'base' | 'displacement'> | undefined {
  const [opcode, modrm = 0] = bytes;
  const [mode, base] = [modrm >> 6, modrm & 7];
  if (opcode !== 0x8b || mode === 3 || base === ESP || base === EBP) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { base, displacement: mode === 0 ? 0 : mode === 1 ? view.getInt8(2) : view.getInt32(2, true) };
}

/** What is seen of the CPU before it executes a load. */
export interface LoadSeen {
  readonly address: VirtAddr;
  readonly bytes: Uint8Array;
  register(number: number): number;
  word(at: VirtAddr): number | undefined;
}

/**
 * Notes loads. One whose value is a pointer that another goes on from, at the same displacement, has followed a list.
 * @param split where the kernel's part of the address space begins
 */
export class LinkLoads {
  readonly #split: number;
  /** Loads by where their value leads, and at which displacement. */
  readonly #leads = new Map<string, LinkLoad>();
  readonly #found = new Map<VirtAddr, LinkLoad>();

  constructor(split: number) {
    this.#split = split;
  }

  get found(): readonly LinkLoad[] {
    return [...this.#found.values()];
  }

  see({ address, bytes, register, word }: LoadSeen): void {
    const load = loadOf(bytes);
    if (!load) return;
    const { base, displacement } = load;
    const node = register(base);
    const before = this.#leads.get(`${node} ${displacement}`);
    if (before) this.#found.set(before.address, before);
    const next = word(virt(node + displacement));
    if (next !== undefined && next >= this.#split && next !== node)
      this.#leads.set(`${next} ${displacement}`, { address, base, displacement });
  }
}
