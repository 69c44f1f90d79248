// A user land with another C library: klibc makes its system calls with INT 0x80 and knows no vDSO, whatever the kernel offers.

import type { PackagedFile } from '../schema.ts';
import { EARLY_DEVICES } from './busybox.ts';
import type { InitrdDescription } from './description.ts';
import pins from './klibc-pins.json' with { type: 'json' };

const pin = pins.find((one) => one.package === 'klibc-utils');

const UTILITIES: PackagedFile = {
  suite: 'bookworm',
  package: 'klibc-utils',
  path: '^usr/lib/klibc/bin/',
  many: true,
  ...(pin && { pin }),
};

/** PID 1. klibc has no setsid: the shell does without job control. */
const INIT = `#!/bin/sh
export PATH=/bin HOME=/ USER=root TERM=dumb PS1='# '
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
while true; do sh +m -i </dev/ttyS0 >/dev/ttyS0 2>&1; done
`;

export const klibcInitrd: InitrdDescription = {
  name: 'klibc',
  files: [{ to: 'init', mode: 0o755, text: INIT }],
  programs: [UTILITIES],
  libraries: pins,
  folders: ['proc', 'sys', 'tmp', 'dev'],
  links: { bin: 'usr/lib/klibc/bin' },
  devices: EARLY_DEVICES,
};
