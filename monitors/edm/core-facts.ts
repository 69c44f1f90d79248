// The facts that EDM's core is compiled with, as AssemblyScript: addresses of v86's state, numbers of events, and those of `kinds.ts` and
// `layout.ts`.
import { kindNumber, TR, VMM_OURS, VMM_STATE, VMM_STATICS, VMM_TLB } from '../../emulator/index.ts';
import { SINK, SLOW_SITE } from './facts.ts';
import { FAILURE, FRAME, KIND, OWNER, POLICY, RIGHT } from './kinds.ts';
import { LAYOUT } from './layout.ts';

/** Linear addresses in v86's memory, and event numbers. */
const FACTS: Readonly<Record<string, number>> = {
  CR0: VMM_STATE.cr0,
  CR2: VMM_STATE.cr2,
  CR3: VMM_STATE.cr3,
  CR4: VMM_STATE.cr4,
  CPL: VMM_STATE.cpl,
  IDTR: VMM_STATE.idtrLimit,
  GDTR: VMM_STATE.gdtrLimit,
  SYSENTER: VMM_STATE.sysenterCs,
  TR_SELECTOR: VMM_STATE.selectors + 2 * TR,
  TR_BASE: VMM_STATE.segmentBases + 4 * TR,
  EAX: VMM_STATE.generalRegisters,
  ECX: VMM_STATE.generalRegisters + 4,
  PREVIOUS_EIP: VMM_STATE.previousInstructionPointer,
  INSTRUCTIONS: VMM_STATE.instructionCounter,
  LIVE_INSTRUCTIONS: VMM_OURS.liveInstructions,
  OUR_RIGHTS: VMM_OURS.rightsTable,
  OUR_RIGHTS_END: VMM_OURS.smep + 4,
  MEMORY_BASE: VMM_STATICS.memoryBase,
  TLB_DATA: VMM_STATICS.tlbData,
  SINK: SINK.from,
  SINK_PAGES: SINK.pages,
  SLOW_SITE,
  EVENT_INTERRUPT: kindNumber('interrupt'),
  EVENT_EXCEPTION: kindNumber('exception'),
  EVENT_SOFTWARE_INTERRUPT: kindNumber('software-interrupt'),
};

const TLB_FLAGS = {
  VALID: VMM_TLB.valid,
  READ_ONLY: VMM_TLB.readOnly,
  NO_USER: VMM_TLB.noUser,
  MMIO: VMM_TLB.mmio,
  GLOBAL: VMM_TLB.global,
  HAS_CODE: VMM_TLB.hasCode,
};

const constants = (record: Readonly<Record<string, number>>): string =>
  Object.entries(record)
    .map(([name, value]) => `export const ${name}: i32 = ${value};`)
    .join('\n');

const namespaces = { OWNER, RIGHT, FRAME, POLICY, KIND, FAILURE, TLB: TLB_FLAGS };

/** Sources that the core imports and that are in no file, by module path. */
export const GENERATED_SOURCES: Readonly<Record<string, string>> = {
  'assembly/facts.ts': `${constants(FACTS)}\n${constants(LAYOUT)}`,
  'assembly/kinds.ts': Object.entries(namespaces)
    .map(([name, record]) => `export namespace ${name} {\n${constants(record)}\n}`)
    .join('\n'),
};
