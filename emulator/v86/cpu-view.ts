// The CPU's state read from v86's linear memory.
import { cr3, virt } from '../address.ts';
import type { CpuState, MsrState, SegmentState } from '../cpu-state.ts';
import type { MemoryViews } from './memory-views.ts';
import { OURS, STATE } from './state.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Live reads of the CPU. Nothing is copied until somebody asks. */
export class CpuView implements CpuState {
  readonly #memory: MemoryViews;
  readonly #clock: VirtualClock;
  /** `get_eflags`: v86 computes arithmetic flags lazily. */
  readonly #eflags: () => number;

  constructor(memory: MemoryViews, clock: VirtualClock, eflags: () => number) {
    this.#memory = memory;
    this.#clock = clock;
    this.#eflags = eflags;
  }

  get instructions(): number {
    const memory = this.#memory;
    return this.#clock.instructions(memory.word(STATE.instructionCounter) + memory.word(OURS.liveInstructions));
  }
  get time(): number {
    return this.#clock.at(this.instructions);
  }
  get idleTime(): number {
    return this.#clock.idle;
  }
  get eax() {
    return this.#general(0);
  }
  get ecx() {
    return this.#general(1);
  }
  get edx() {
    return this.#general(2);
  }
  get ebx() {
    return this.#general(3);
  }
  get esp() {
    return this.#general(4);
  }
  get ebp() {
    return this.#general(5);
  }
  get esi() {
    return this.#general(6);
  }
  get edi() {
    return this.#general(7);
  }
  get eip() {
    return virt(this.#memory.word(STATE.instructionPointer));
  }
  get previousEip() {
    return virt(this.#memory.word(STATE.previousInstructionPointer));
  }
  get eflags() {
    return this.#eflags() >>> 0;
  }
  get cr0() {
    return this.#memory.word(STATE.cr0) >>> 0;
  }
  get cr2() {
    return virt(this.#memory.word(STATE.cr2));
  }
  get cr3() {
    return cr3(this.#memory.word(STATE.cr3));
  }
  get cr4() {
    return this.#memory.word(STATE.cr4) >>> 0;
  }
  get cpl() {
    return this.#memory.byte(STATE.cpl);
  }
  get halted() {
    return this.#memory.byte(STATE.halted) !== 0;
  }
  get protectedMode() {
    return this.#memory.byte(STATE.protectedMode) !== 0;
  }
  get is32() {
    return this.#memory.byte(STATE.is32) !== 0;
  }
  get idtrBase() {
    return virt(this.#memory.word(STATE.idtrBase));
  }
  get idtrLimit() {
    return this.#memory.word(STATE.idtrLimit) & 0xffff;
  }
  get gdtrBase() {
    return virt(this.#memory.word(STATE.gdtrBase));
  }
  get gdtrLimit() {
    return this.#memory.word(STATE.gdtrLimit) & 0xffff;
  }
  get msr(): MsrState {
    return {
      sysenterCs: this.#memory.word(STATE.sysenterCs) >>> 0,
      sysenterEsp: virt(this.#memory.word(STATE.sysenterEsp)),
      sysenterEip: virt(this.#memory.word(STATE.sysenterEip)),
    };
  }

  #general(index: number): number {
    return this.#memory.word(STATE.generalRegisters + 4 * index) >>> 0;
  }

  register(index: number): number {
    if (!(index >= 0 && index < 8))
      throw new RangeError(`general register: expected a number from 0 to 7, found ${index}`);
    return this.#general(index);
  }

  segment(index: number): SegmentState {
    if (!(index >= 0 && index < 8))
      throw new RangeError(`segment register: expected a number from 0 to 7, found ${index}`);
    const { bytes } = this.#memory;
    const selector = STATE.selectors + 2 * index;
    return {
      selector: bytes[selector]! | (bytes[selector + 1]! << 8),
      base: virt(this.#memory.word(STATE.segmentBases + 4 * index)),
      limit: this.#memory.word(STATE.segmentLimits + 4 * index) >>> 0,
      access: bytes[STATE.segmentAccess + index]!,
      isNull: bytes[STATE.segmentIsNull + index] !== 0,
    };
  }

  toJSON() {
    const { eax, ecx, edx, ebx, esp, ebp, esi, edi, eip, previousEip, eflags } = this;
    const { cr0, cr2, cr3, cr4, cpl, halted, idtrBase, idtrLimit, gdtrBase, gdtrLimit } = this;
    const general = { eax, ecx, edx, ebx, esp, ebp, esi, edi, eip, previousEip, eflags };
    return { ...general, cr0, cr2, cr3, cr4, cpl, halted, idtrBase, idtrLimit, gdtrBase, gdtrLimit };
  }
}
