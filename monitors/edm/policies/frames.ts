// Policy "frames": assembly/frames.ts keeps the ranges; guards ask for their pages.
import { POLICY } from '../kinds.ts';
import type { Policy } from './policy.ts';

export const frames: Policy = {
  bit: POLICY.FRAMES,
  about: 'what is put under protection stays as it is, whoever writes',
  events: [],
};
