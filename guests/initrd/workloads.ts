// The large user land: busybox and programs that keep a machine busy, as Debian builds them for i386, with their libraries.

import type { PackagedFile } from '../schema.ts';
import { busyboxWith } from './busybox.ts';
import type { InitrdDescription } from './description.ts';
import pins from './workloads-pins.json' with { type: 'json' };

/** Files of a package, by the pattern of their paths. */
function from(name: string, path: string): PackagedFile {
  const pin = pins.find((one) => one.package === name);
  return { suite: 'bookworm', package: name, path, many: true, ...(pin && { pin }) };
}

export const workloadsInitrd: InitrdDescription = busyboxWith({
  name: 'workloads',
  path: '/usr/bin:/bin',
  setup: 'mkdir /dev/shm\nmount -t tmpfs shm /dev/shm\nip link set lo up\n',
  compression: 'none',
  programs: [
    from('strace', '^usr/bin/strace$'),
    from('rt-tests', '^usr/bin/(hackbench|cyclictest)$'),
    from('sysbench', '^usr/bin/sysbench$'),
    from('sqlite3', '^usr/bin/sqlite3$'),
    from('redis-tools', '^usr/bin/redis-(check-rdb|cli|benchmark)$'),
    from('perl-base', '^usr/(bin/perl|lib/i386-linux-gnu/perl-base/.*)$'),
    from('python3.11-minimal', '^usr/bin/python3\\.11$'),
    from('libpython3.11-minimal', '^usr/lib/python3\\.11/.*\\.py$'),
    // Loaded when a thread is cancelled; no program names it.
    from('libgcc-s1', '^(usr/)?lib/i386-linux-gnu/libgcc_s\\.so\\.1$'),
  ],
  libraries: pins,
  // python3 takes its absence for a broken installation.
  folders: ['usr/lib/python3.11/lib-dynload'],
  links: { 'usr/bin/python3': 'python3.11', 'usr/bin/redis-server': 'redis-check-rdb' },
});
