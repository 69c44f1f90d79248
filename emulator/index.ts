// The public face of the emulator, without anything that needs node: what a page imports.
export type { Access, AccessDecision, AccessHandler, RemovedRights, SmepWatch } from './access.ts';
export * from './address.ts';
export type { CpuState, MsrState, SegmentState } from './cpu-state.ts';
export type { Subscription } from './event-hub.ts';
export { MachineEvent } from './events/event.ts';
export { DECISION, type Decision, EVENT_KINDS, type EventKind, isEventKind, kindNumber } from './events/kinds.ts';
export type { EventMap, Listener, WasmListener } from './events/map.ts';
export type { GuestMemory, PhysicalMiss, VirtualMiss } from './guest-memory.ts';
export type { Input, InputAction, InputTrigger } from './input.ts';
export type { KeptState } from './listener-states.ts';
export {
  type BootOptions,
  Machine,
  type MachineAssets,
  type MachineOptions,
  type RunEnd,
  type RunLimits,
} from './machine.ts';
export { type Probe, type ProbeAddress, ProbeError, type ProbeHandler, type ProbeHit } from './probe.ts';
export type { RestoreOptions } from './save-machine.ts';
export { SnapshotError } from './snapshot-file.ts';
export type { InstantiatedVmm, VmmCompanion } from './v86/companion.ts';
export { GuestCrash } from './v86/guest-fault.ts';
export type { GuestReads } from './v86/guest-reads.ts';
export { instrument } from './v86/instrument/index.ts';
export { AnchorError } from './v86/instrument/verify-anchors.ts';
export type { CompiledModule } from './v86/jit-installer.ts';
export { SeededRandom } from './v86/random.ts';
export {
  JIT_TABLE_OFFSET,
  OURS as VMM_OURS,
  STATE as VMM_STATE,
  STATICS as VMM_STATICS,
  TLB as VMM_TLB,
  TR,
} from './v86/state.ts';
export * as wasm from './wasm/index.ts';
export * as x86 from './x86/index.ts';
