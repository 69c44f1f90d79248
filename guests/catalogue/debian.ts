// Guests with Debian's own i386 kernels, as they are. Releases after bookworm have no i386 kernels.

import type { GuestInput, KernelGuestInput, Pin } from '../schema.ts';

/**
 * cryptomgr.notests saves half of the boot; mitigations=off leaves out work against flaws that an emulated CPU does not have;
 * tsc=reliable spares the guest from judging its clock by host time.
 */
const COMMAND_LINE = 'console=ttyS0 rdinit=/init cryptomgr.notests mitigations=off tsc=reliable quiet';

interface DebianKernel {
  readonly name: string;
  readonly title: string;
  readonly shows: string;
  readonly suite: string;
  readonly flavour: '686' | '686-pae';
  readonly series: string;
  readonly pin: Pin;
}

const KERNELS: readonly DebianKernel[] = [
  {
    name: 'debian-6.1',
    title: 'Debian 12, Linux 6.1 without PAE',
    shows: 'a current Linux: two-level page tables, SYSENTER through the vDSO, SMP kernel on one CPU',
    suite: 'bookworm',
    flavour: '686',
    series: '6.1',
    pin: {
      package: 'linux-image-6.1.0-50-686',
      version: '6.1.176-1',
      sha256: '526c469c5148a2b61c4241c3f6575427096575e0ffef9541b6729351c600b3e4',
      size: 51921880,
    },
  },
  {
    name: 'debian-6.1-pae',
    title: 'Debian 12, Linux 6.1 with PAE',
    shows: 'the same kernel with three-level page tables: CR3 names a page-directory-pointer table',
    suite: 'bookworm',
    flavour: '686-pae',
    series: '6.1',
    pin: {
      package: 'linux-image-6.1.0-50-686-pae',
      version: '6.1.176-1',
      sha256: '0d6241268f9344a998c3339c11e527ea8048d409d6c770f67c573707606a3f2e',
      size: 52136644,
    },
  },
  {
    name: 'debian-5.10',
    title: 'Debian 11, Linux 5.10 without PAE',
    shows: 'an older Linux: other structure offsets and code for the same design',
    suite: 'bullseye',
    flavour: '686',
    series: '5.10',
    pin: {
      package: 'linux-image-5.10.0-32-686',
      version: '5.10.223-1',
      sha256: '4207ce4e2a6a00040fd1f13bec047f308d2e7370ae4f60bd8f5097ef128a28de',
      size: 46427904,
    },
  },
];

function guestOf(kernel: DebianKernel): KernelGuestInput {
  const { flavour, suite, pin } = kernel;
  const version = kernel.series.replace('.', '\\.');
  return {
    name: kernel.name,
    title: kernel.title,
    shows: kernel.shows,
    licence: 'GPL-2.0-only (Linux), GPL-2.0-only (busybox)',
    boot: 'linux',
    kernel: {
      packaged: {
        suite,
        package: `linux-image-${flavour}`,
        dependency: `^linux-image-${version}\\.\\d+-\\d+-${flavour}$`,
        path: '^boot/vmlinuz-',
        pin,
      },
    },
    initrd: { built: 'busybox' },
    commandLine: `${COMMAND_LINE} nokaslr`,
    memory: 128,
    prompt: '# ',
  };
}

/** The kernel at another random address at every boot. */
const withKaslr = (guest: KernelGuestInput): KernelGuestInput => ({
  ...guest,
  name: `${guest.name}-kaslr`,
  title: `${guest.title}, with KASLR`,
  shows: 'the same guest with its kernel at a random address',
  commandLine: COMMAND_LINE,
});

/** System calls by INT 0x80 only: without its vDSO the guest's C library knows no other way. */
const withoutVdso = (guest: KernelGuestInput): KernelGuestInput => ({
  ...guest,
  name: `${guest.name}-int80`,
  title: `${guest.title}, system calls by INT 0x80 only`,
  shows: 'the same guest with no SYSENTER',
  commandLine: `${guest.commandLine} vdso32=0`,
});

/** Another user land, and INT 0x80 only: klibc too takes SYSENTER where a vDSO offers it. */
const withKlibc = (guest: KernelGuestInput): KernelGuestInput => ({
  ...withoutVdso(guest),
  name: `${guest.name}-klibc`,
  title: `${guest.title}, user land of klibc, system calls by INT 0x80 only`,
  shows: 'small programs of another C library, each system call an INT 0x80',
  licence: 'GPL-2.0-only (Linux), BSD-3-Clause and GPL-2.0-or-later (klibc)',
  initrd: { built: 'klibc' },
});

/** Room for databases and interpreters. */
const withWorkloads = (guest: KernelGuestInput): KernelGuestInput => ({
  ...guest,
  name: `${guest.name}-workloads`,
  title: `${guest.title}, with programs that keep it busy`,
  shows: 'strace, hackbench, cyclictest, sysbench, sqlite3, redis, perl and python3, dynamically linked with glibc',
  licence: 'GPL-2.0-only (Linux), and those of about 50 packages of Debian',
  initrd: { built: 'workloads' },
  memory: 256,
});

/** The drivers are for this very kernel; evdev.ko comes out of its package. */
const withVillains = (guest: KernelGuestInput): KernelGuestInput => ({
  ...guest,
  name: `${guest.name}-villains`,
  title: `${guest.title}, with programs and drivers that do harm`,
  shows:
    'keyloggers, exploits that return to user code, a rootkit and hangs, which say on the serial line what they do',
  licence: 'GPL-2.0-only (Linux, busybox, drivers), BSD-2-Clause (programs)',
  initrd: { built: 'villains' },
});

const [current, ...others] = KERNELS.map(guestOf) as [KernelGuestInput, ...KernelGuestInput[]];

/** The family. */
export const debian: readonly GuestInput[] = [
  ...[current, ...others].flatMap((guest) => [guest, withKaslr(guest), withoutVdso(guest)]),
  withKlibc(current),
  withWorkloads(current),
  withVillains(current),
];
