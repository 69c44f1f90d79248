// EDM, the monitor of the VMM: its public face, without anything that needs node.
export { AuditLog, type AuditRecord, type KindName, verifyChain } from './audit-log.ts';
export { createMonitoredMachine, type MonitoredMachine } from './create.ts';
export { Edm, type EdmAssets, type EdmOptions, type Region } from './edm.ts';
export type { Extension } from './extension.ts';
export { EdmFailure, ModuleRefused } from './failure.ts';
export type { FrameInfo, FrameTypeName, Ledger, OwnerName, PageRun, RightName } from './ledger.ts';
export type { Locks } from './locks.ts';
export { drawSvg, drawText, type MemoryMap, memoryMap } from './map.ts';
export { hitChance, type Placement } from './placement.ts';
export { POLICIES, POLICY_NAMES, type Policy, type PolicyName } from './policies/index.ts';
export { reserveArena } from './reserve.ts';
export type { Site } from './sites.ts';
