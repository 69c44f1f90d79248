// The BIOS that guests on disks boot with, where they name none: SeaBIOS as Debian builds it.

import type { PackagedFile, Pin } from '../schema.ts';

const pin: Pin = {
  package: 'seabios',
  version: '1.16.2-1',
  sha256: '08e5b3f761379f17a6051731cafa03e97686049e2cc1b8bdccc5a910646e2d8e',
  size: 162656,
};

const fromSeabios = (file: string): PackagedFile => ({
  suite: 'bookworm',
  package: 'seabios',
  path: `^usr/share/seabios/${file}\\.bin$`,
  many: false,
  pin,
});

/** The 128 KiB build: the bigger one is for chipsets that v86 does not have. */
export const SEABIOS: PackagedFile = fromSeabios('bios');

/** For a VGA with the Bochs extensions, which is what v86 has. */
export const SEABIOS_VGA: PackagedFile = fromSeabios('vgabios-stdvga');
