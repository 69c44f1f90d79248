// Inference of a kernel's parameters from what it does, by patterns of how operating systems are written.
export { PATTERNS } from './all.ts';
export { type Conclusion, type Inference, type InferenceOptions, infer } from './infer.ts';
export { makeProfile } from './make-profile.ts';
export { type Observations, STAGES, type Stage } from './observations.ts';
export type { ObservedGuest } from './observe/stimulus.ts';
export {
  type AnyPattern,
  type Evidence,
  type Finding,
  type Found,
  isPattern,
  type Pattern,
  pattern,
} from './pattern.ts';
