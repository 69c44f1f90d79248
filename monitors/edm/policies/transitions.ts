// Policy "transitions": assembly/transitions.ts asks the guest's own instruction and tables.
import { POLICY } from '../kinds.ts';
import type { Policy } from './policy.ts';

export const transitions: Policy = {
  bit: POLICY.TRANSITIONS,
  about: 'privilege and privileged registers change by the instructions and gates of the guest only',
  events: ['interrupt', 'exception', 'software-interrupt'],
};
