// Policy "dma": assembly/dma.ts asks the ledger about each transfer.
import { POLICY } from '../kinds.ts';
import type { Policy } from './policy.ts';

export const dma: Policy = {
  bit: POLICY.DMA,
  about: 'devices write guest RAM and nothing else',
  events: [],
};
