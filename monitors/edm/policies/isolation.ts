// Policy "isolation": assembly/isolation.ts walks the guest's tables itself.
import { POLICY } from '../kinds.ts';
import type { Policy } from './policy.ts';

export const isolation: Policy = {
  bit: POLICY.ISOLATION,
  about: 'an entry of the soft TLB grants no more than the page tables of the guest',
  events: [],
};
