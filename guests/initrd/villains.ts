// A user land with programs and drivers that do harm, for monitors to find: busybox and the villains for Linux.

import type { PackagedFile } from '../schema.ts';
import { busyboxWith } from './busybox.ts';
import type { InitrdDescription } from './description.ts';

/** Event devices are a module in Debian's kernels. It is for this very kernel, as villains.ko is. */
const EVDEV: PackagedFile = {
  suite: 'bookworm',
  package: 'linux-image-6.1.0-50-686',
  path: '^lib/modules/.*/kernel/drivers/input/evdev\\.ko$',
  many: false,
  pin: {
    package: 'linux-image-6.1.0-50-686',
    version: '6.1.176-1',
    sha256: '526c469c5148a2b61c4241c3f6575427096575e0ffef9541b6729351c600b3e4',
    size: 51921880,
  },
};

/** Programs in villains/linux/images. */
export const VILLAINS: readonly string[] = [
  'hang',
  'keylog-batch',
  'keylog-delay',
  'keylog-evdev',
  'keylog-hook',
  'keylog-port',
  'keylog-ptrace',
  'keylog-screen',
  'ret2usr',
  'rootkit',
];

export const villainsInitrd: InitrdDescription = busyboxWith({
  name: 'villains',
  setup: 'insmod /lib/evdev.ko\n',
  files: [
    ...VILLAINS.map((name) => ({ embedded: `villains/linux/images/${name}`, to: `bin/${name}`, mode: 0o755 })),
    { embedded: 'villains/linux/images/villains.ko', to: 'lib/villains.ko', mode: 0o644 },
    { from: EVDEV, to: 'lib/evdev.ko', mode: 0o644 },
  ],
});
