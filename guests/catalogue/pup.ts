// pup, our own small system: images that come with Wolfden, one for each variant.

import { VARIANTS } from '../pup/variants.ts';
import type { GuestInput } from '../schema.ts';

/** Variants that run a fixed set of programs without any interrupt, then halt, say so. */
const HALTED = 'pup: halted';

const differs = (name: string): string => (name === 'pup' ? '' : `, variant ${name.slice('pup-'.length)}`);

/** The family: every variant. */
export const pup: readonly GuestInput[] = VARIANTS.map(({ name, shows }) => ({
  name,
  title: `pup, a small system to read and to watch${differs(name)}`,
  shows,
  licence: 'BSD-2-Clause',
  boot: 'multiboot' as const,
  kernel: { embedded: `pup/images/${name}.elf` },
  commandLine: '',
  memory: 16,
  ...(name.includes('quiet') ? { prompt: HALTED, outcome: 'ends' as const } : { prompt: 'pup# ' }),
}));
