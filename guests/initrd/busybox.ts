// The small user land: busybox, linked statically, with a shell on the serial line and one on the keyboard.

import type { PackagedFile } from '../schema.ts';
import type { InitrdDescription } from './description.ts';

/** busybox-static of bookworm; being static it runs on every kernel of the catalogue. */
export const BUSYBOX: PackagedFile = {
  suite: 'bookworm',
  package: 'busybox-static',
  path: '^(usr/)?bin/busybox$',
  many: false,
  pin: {
    package: 'busybox-static',
    version: '1:1.35.0-4+deb12u1+b1',
    sha256: '725ef9e6fbac4ab79b353165b05005e8c140d6e42177ebbc202ff1e13ded8b7c',
    size: 958344,
  },
};

/** Commands that busybox stands in for. Links in the archive save the guest 200 symlink() calls at every boot. */
const APPLETS =
  `[ [[ ash awk base64 basename bc cat chgrp chmod chown chroot clear cmp cp cut date dc dd devmem df diff dirname
  dmesg du echo ed egrep env expand expr factor false fgrep find fold free getopt grep groups gunzip gzip halt head hexdump
  hostname id insmod install ionice kill killall less link ln ls lsmod md5sum mkdir mkfifo mknod mktemp modprobe more mount mv
  nc nice nl nohup nproc od openvt paste patch pidof ping poweroff printenv printf ps pwd readlink realpath reboot renice reset
  rev rm rmdir rmmod sed seq setsid sh sha1sum sha256sum shred shuf sleep sort split stat strings stty sum sync sysctl tac tail
  tar taskset tee test time timeout top touch tr true truncate tty umount uname uniq unlink uptime usleep vi watch wc which
  who whoami xargs xxd yes zcat`
    .trim()
    .split(/\s+/);

/**
 * PID 1. The shell on the serial line is a session of its own with a controlling terminal, so that ^C and job control work; lines
 * are wide and the terminal dumb, so that no escape sequence or wrapping gets into what scripts read. Each shell opens its terminal anew:
 * when a session ends, the kernel hangs up all that was opened before.
 */
const init = (path: string, setup: string): string => `#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
hostname wolfden
export PATH=${path} HOME=/ USER=root PS1='# '
${setup}if [ -c /dev/tty1 ]; then
  (while :; do TERM=linux setsid -c sh </dev/tty1 >/dev/tty1 2>&1; done) &
fi
while :; do
  stty cols 200 rows 50 </dev/ttyS0
  TERM=dumb setsid -c sh </dev/ttyS0 >/dev/ttyS0 2>&1
done
`;

/** The kernel opens the console before anything mounts /dev. */
export const EARLY_DEVICES: InitrdDescription['devices'] = [
  { path: 'dev/console', kind: 'character', mode: 0o600, major: 5, minor: 1 },
  { path: 'dev/null', kind: 'character', mode: 0o666, major: 1, minor: 3 },
];

/** What a user land has beside busybox. */
export interface BusyboxAddition extends Partial<InitrdDescription> {
  readonly name: string;
  /** Where the shells look for commands. @default '/bin' */
  readonly path?: string;
  /** Lines of shell for init to run before there is a prompt, each with its newline. */
  readonly setup?: string;
}

/** A user land with busybox for everything that it does not bring itself. */
export function busyboxWith({ path = '/bin', setup = '', ...more }: BusyboxAddition): InitrdDescription {
  return {
    ...more,
    files: [
      { from: BUSYBOX, to: 'bin/busybox', mode: 0o755 },
      { to: 'init', mode: 0o755, text: init(path, setup) },
      { to: 'etc/passwd', mode: 0o644, text: 'root:x:0:0:root:/:/bin/sh\n' },
      { to: 'etc/group', mode: 0o644, text: 'root:x:0:\n' },
      ...(more.files ?? []),
    ],
    folders: ['proc', 'sys', 'tmp', 'dev', ...(more.folders ?? [])],
    links: { ...Object.fromEntries(APPLETS.map((applet) => [`bin/${applet}`, 'busybox'])), ...more.links },
    devices: [...EARLY_DEVICES, ...(more.devices ?? [])],
  };
}

export const busyboxInitrd: InitrdDescription = busyboxWith({ name: 'busybox' });
