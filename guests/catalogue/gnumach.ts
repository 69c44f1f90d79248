// GNU Mach as Debian builds it for i386, with a bootstrap task of our own.

import type { GuestInput } from '../schema.ts';

// In the kernel's own script language: a name, the number of the port for devices as an argument, what to do with the module.
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is the kernel that fills it in
const BOOT_SCRIPT = 'bootstrap ${device-port} $(task-create) $(task-resume)';

/** The family. */
export const gnumach: readonly GuestInput[] = [
  {
    name: 'gnumach-1.8',
    title: 'GNU Mach 1.8, a microkernel, with tasks that exchange messages',
    shows:
      'a kernel unlike Linux: system calls through a call gate, tasks and threads apart, messages, copy-on-write memory, address spaces that are used again',
    licence: 'GPL-2.0-only with parts under other licences (GNU Mach), BSD-2-Clause (bootstrap task)',
    boot: 'multiboot',
    kernel: {
      packaged: {
        suite: 'bookworm',
        package: 'gnumach-image-1.8-486',
        path: '^boot/gnumach-.*\\.gz$',
        pin: {
          package: 'gnumach-image-1.8-486',
          version: '2:1.8+git20221224-2',
          sha256: '165e337f9ac52a8d61af58daa729a20aee6d4063b0b3c94597057f0a0d9dbfb7',
          size: 765528,
        },
      },
    },
    modules: [{ source: { embedded: 'mach/images/bootstrap.elf' }, string: BOOT_SCRIPT }],
    commandLine: 'console=com0',
    memory: 32,
    prompt: '@truth end',
    outcome: 'ends',
  },
];
