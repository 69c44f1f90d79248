// The committed images, for tests.
import { readFile } from 'node:fs/promises';
import { imagePath } from '../images.ts';
import { type PupVariant, VARIANTS } from '../variants.ts';

/** The image of a catalogue variant. */
export const catalogueImage = async (name: string): Promise<Uint8Array> =>
  new Uint8Array(await readFile(imagePath(name)));

/** The variants that take no interrupts and run their program set by themselves, and the others. */
export const QUIET: readonly PupVariant[] = VARIANTS.filter(({ options }) => options.clock === 'quiet');
export const INTERACTIVE: readonly PupVariant[] = VARIANTS.filter(({ options }) => options.clock !== 'quiet');
