// What we rely on inside v86.wasm: functions by name and type, and the places that store architectural state. Data only.
import { STATE, STATICS } from './state.ts';

/** A function of v86: the end of its symbol and its type as `parameters>results`, where i is i32, l is i64 and d is f64. */
export interface FunctionAnchor {
  readonly symbol: string;
  readonly type: string;
}

const at = (symbol: string, type: string): FunctionAnchor => ({ symbol, type });

/** The functions that are detoured, called or edited. Symbols are those of v86's name section, without the crate's hash. */
export const FUNCTION_ANCHORS = {
  acknowledgeApic: at('apic15acknowledge_irq', 'i>'),
  acknowledgePic: at('pic19pic_acknowledge_irq', 'i>'),
  allocateMemory: at('allocate_memory', 'i>i'),
  callInterruptVector: at('cpu21call_interrupt_vector', 'iiii>'),
  clearTlb: at('clear_tlb', '>'),
  clts: at('instr_0F06', '>'),
  doPageWalk: at('cpu12do_page_walk', 'iiiii>i'),
  emitCall: at('11WasmBuilder7call_fn', 'iiii>'),
  emitEqual: at('11WasmBuilder6eq_i32', 'i>'),
  exitJit: at('exit_jit', '>'),
  farJump: at('cpu8far_jump', 'iiii>'),
  farReturn: at('cpu10far_return', 'iiii>'),
  fullClearTlb: at('full_clear_tlb', '>'),
  getPhysEipSlowJit: at('get_phys_eip_slow_jit', 'i>i'),
  handleIrqs: at('handle_irqs', '>'),
  hlt: at('instr_F4', '>'),
  interpret: at('interpreter3run', 'i>'),
  interpret0f: at('interpreter0f3run', 'i>'),
  invlpg: at('instr16_0F01_7_mem', 'i>'),
  ioPortRead8: at('cpu3cpu13io_port_read8', 'i>i'),
  ioPortWrite8: at('cpu3cpu14io_port_write8', 'ii>'),
  iret: at('cpu4iret', 'i>'),
  lgdt16: at('instr16_0F01_2_mem', 'i>'),
  lgdt32: at('instr32_0F01_2_mem', 'i>'),
  lidt16: at('instr16_0F01_3_mem', 'i>'),
  lidt32: at('instr32_0F01_3_mem', 'i>'),
  loadTr: at('cpu7load_tr', 'i>'),
  lowerIrq: at('device_lower_irq', 'i>'),
  mainLoop: at('main_loop', '>d'),
  mmapWrite32: at('cpu6memory12mmap_write32', 'ii>'),
  modrmResolve: at('cpu13modrm_resolve', 'ii>'),
  moveToControlRegister: at('instr_0F22', 'ii>'),
  popf16: at('12instructions10instr16_9D', '>'),
  popf32: at('12instructions10instr32_9D', '>'),
  prefix0f16: at('12instructions10instr16_0F', '>'),
  prefix0f32: at('12instructions10instr32_0F', '>'),
  raiseIrq: at('device_raise_irq', 'i>'),
  readableOrPagefaultJit: at('readable_or_pagefault_jit', 'iii>i'),
  readImm16: at('cpu10read_imm16', 'i>'),
  readImm8: at('cpu9read_imm8', 'i>'),
  readImm8s: at('cpu10read_imm8s', 'i>'),
  runPrefix: at('cpu22run_prefix_instruction', '>'),
  safeReadSlowJit: at('safe_read_slow_jit', 'iiii>i'),
  safeWriteSlowJit: at('safe_write_slow_jit', 'iilli>i'),
  segmentPrefix: at('cpu17segment_prefix_op', 'i>'),
  setCr0: at('cpu7set_cr0', 'i>'),
  sti: at('12instructions8instr_FB', '>'),
  sysenter: at('instr_0F34', '>'),
  sysexit: at('instr_0F35', '>'),
  taskSwitch: at('cpu14do_task_switch', 'iiii>'),
  triggerPagefault: at('cpu17trigger_pagefault', 'iiii>'),
  writableOrPagefaultJit: at('writable_or_pagefault_jit', 'iii>i'),
  wrmsr: at('instr_0F30', '>'),
} as const satisfies Readonly<Record<string, FunctionAnchor>>;

/** Our name of an anchored function. */
export type FunctionName = keyof typeof FUNCTION_ANCHORS;

/** A piece of state with every function that stores to it and how often. */
export interface StoreAnchor {
  /** Linear address of the state. */
  readonly address: number;
  readonly stores: Readonly<Partial<Record<FunctionName, number>>>;
}

/**
 * Every store to hooked state in v86.wasm, `reset_cpu` aside, which runs before any guest does. `hooks.test.ts` scans the whole binary and
 * finds no other.
 */
export const STORE_ANCHORS = {
  cr0: {
    address: STATE.cr0,
    stores: { setCr0: 1, clts: 1, interpret0f: 1, taskSwitch: 1 },
  },
  cr2: { address: STATE.cr2, stores: { doPageWalk: 3, moveToControlRegister: 1, triggerPagefault: 1 } },
  cr3: { address: STATE.cr3, stores: { moveToControlRegister: 1, taskSwitch: 1 } },
  cr4: { address: STATE.cr4, stores: { moveToControlRegister: 1 } },
  cpl: {
    address: STATE.cpl,
    stores: { sysenter: 1, sysexit: 1, callInterruptVector: 1, iret: 2, farJump: 1, farReturn: 1, taskSwitch: 2 },
  },
  halted: {
    address: STATE.halted,
    stores: {
      mmapWrite32: 2,
      popf16: 1,
      popf32: 1,
      iret: 1,
      hlt: 2,
      sti: 1,
      ioPortWrite8: 1,
      handleIrqs: 1,
      lowerIrq: 1,
      raiseIrq: 1,
      mainLoop: 2,
    },
  },
  gdtrLimit: { address: STATE.gdtrLimit, stores: { lgdt16: 1, lgdt32: 1 } },
  gdtrBase: { address: STATE.gdtrBase, stores: { lgdt16: 1, lgdt32: 1 } },
  idtrLimit: { address: STATE.idtrLimit, stores: { lidt16: 1, lidt32: 1 } },
  idtrBase: { address: STATE.idtrBase, stores: { lidt16: 1, lidt32: 1 } },
  taskSelector: { address: STATE.selectors + 12, stores: { loadTr: 1, taskSwitch: 1 } },
  sysenterCs: { address: STATE.sysenterCs, stores: { wrmsr: 1 } },
  sysenterEsp: { address: STATE.sysenterEsp, stores: { wrmsr: 1 } },
  sysenterEip: { address: STATE.sysenterEip, stores: { wrmsr: 1 } },
  fetchPage: {
    address: STATE.fetchPage,
    stores: {
      readImm8: 1,
      modrmResolve: 18,
      readImm16: 2,
      prefix0f16: 1,
      prefix0f32: 1,
      segmentPrefix: 1,
      runPrefix: 1,
      sti: 1,
      readImm8s: 1,
      mainLoop: 2,
    },
  },
  memoryBase: { address: STATICS.memoryBase, stores: { allocateMemory: 1 } },
} as const satisfies Readonly<Record<string, StoreAnchor>>;

/** Our name of hooked state. */
export type StoreName = keyof typeof STORE_ANCHORS;

/**
 * Imports of v86.wasm that reach I/O ports by 16 or 32 bits: operand width in bytes, and which functions call each how often. Accesses
 * of 8 bits all go through `ioPortRead8` and `ioPortWrite8`, where v86 answers for some ports itself.
 */
export const PORT_ANCHORS = {
  io_port_read16: { size: 2, write: false, callers: { instr16_E5: 1, insw_rep: 2, instr16_ED: 1, insw_no_rep: 1 } },
  io_port_read32: { size: 4, write: false, callers: { insd_no_rep: 1, insd_rep: 2, instr32_ED: 1, instr32_E5: 1 } },
  io_port_write16: {
    size: 2,
    write: true,
    callers: { '12instructions10instr16_6F': 1, instr16_E7: 1, outsw_no_rep: 1, outsw_rep: 2, instr16_EF: 1 },
  },
  io_port_write32: {
    size: 4,
    write: true,
    callers: { outsd_no_rep: 1, instr32_EF: 1, instr32_E7: 1, outsd_rep: 2, '12instructions10instr32_6F': 1 },
  },
} as const;

/** CR4 bits that make v86 raise #GP instead of writing: such a write is no `cr4-write`. */
export const CR4_RESERVED = (1 << 11) | (1 << 12) | (1 << 15) | (1 << 16) | (1 << 19) | 0xffc00000;
