// Guests that a BIOS boots and that never run a program of less privilege: to try how tools behave when there is nothing to find.

import type { GuestInput, Pin } from '../schema.ts';

/** A CD image out of a package. */
const cd = (path: string, pin: Pin): GuestInput & { boot: 'bios' } => ({
  name: pin.package,
  boot: 'bios',
  disk: { packaged: { suite: 'bookworm', package: pin.package, path, pin } },
  drive: 'cdrom',
  memory: 64,
  outcome: 'no-user-mode',
});

/** The family. */
export const biosGuests: readonly GuestInput[] = [
  {
    ...cd('^usr/lib/grub-rescue/grub-rescue-cdrom\\.iso$', {
      package: 'grub-rescue-pc',
      version: '2.06-13+deb12u2',
      sha256: '1cd4535a1d6496c268b123dada204279bfd5b31df9366b097f53c91a6a19e094',
      size: 2498660,
    }),
    name: 'grub-rescue',
    title: "GRUB 2.06, the boot loader's rescue CD",
    shows: 'a menu in protected mode without paging; no address space, no process, no system call',
    licence: 'GPL-3.0-or-later',
  },
  {
    ...cd('^usr/lib/ipxe/ipxe\\.iso$', {
      package: 'ipxe',
      version: '1.0.0+git-20190125.36a4c85-5.1',
      sha256: '49dc854857dcfb354292bdc79ce7419e0d72988666723395b2e102d147c3730d',
      size: 1171912,
    }),
    name: 'ipxe',
    title: 'iPXE, a boot loader for networks',
    shows: 'switches between real and protected mode all the time, and waits for a network for ever',
    licence: 'GPL-2.0-or-later',
  },
  {
    ...cd('^usr/lib/memtest86\\+/memtest86\\+ia32\\.iso$', {
      package: 'memtest86+',
      version: '6.10-4',
      sha256: '6ffae01e2cd795a3619454c81c612229686ab0969ad5119af5bdc04b382458b7',
      size: 122828,
    }),
    name: 'memtest86',
    title: 'Memtest86+ 6.10, a test of memory',
    shows: 'a guest that v86 cannot go on with: it is reported as a crash of the guest',
    licence: 'GPL-2.0-only',
    outcome: 'crashes',
  },
];
