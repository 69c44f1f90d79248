// Policy "audit": each privileged change is put on record, in a chain of digests.
import { POLICY } from '../kinds.ts';
import type { Policy } from './policy.ts';

export const audit: Policy = {
  bit: POLICY.AUDIT,
  about: 'privileged changes are on record, and nothing is lost from the record or forged into it',
  events: [],
};
