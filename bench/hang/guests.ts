// The guests of the campaign: how they are made to work, to wait, and to show that they live.
import type { Machine } from '../../emulator/index.ts';

/** A guest with a shell. */
export interface ShellGuest {
  readonly prompt: RegExp;
  /** Lines for the training: work, and in the background one long wait of each sort. Each is typed when the prompt shows. */
  readonly training: readonly string[];
  /** Typed last in the training: it waits until what follows is typed. */
  readonly waiting: { readonly line: string; readonly end: string };
  /** Lines of work for runs with a fault: some virtual seconds each at most. */
  readonly load: readonly string[];
  /** Lines of work for hours without: compilers and the like, files, memory, storms of processes. */
  readonly heavy: readonly string[];
  /** A line, and what it shows when the guest lives: not a part of the line. */
  readonly probe: { readonly line: string; readonly answer: string };
  /** A line that stops the CPU of a guest that lives, though its console may be mute. */
  readonly halt: string;
  /** What the console shows when the kernel crashed, which is no hang. */
  readonly crash: RegExp;
}

const each = (count: number, work: string) => `i=0; while [ $i -lt ${count} ]; do ${work}; i=$((i+1)); done`;

const linux: ShellGuest = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the shell asks the terminal where its cursor is.
  prompt: /(^|\n)# (\x1b\[6n)?$/,
  training: [
    'sleep 100000 & (sleep 100000 | cat) &',
    '(while sleep 7; do :; done) &',
    each(25, 'ls / | sort | wc -l > /dev/null'),
    each(40, '(:)'),
    'dd if=/dev/zero of=/tmp/z bs=1M count=24 2> /dev/null; cp /tmp/z /tmp/y; sync; rm /tmp/z /tmp/y',
    'dd if=/dev/urandom bs=64k count=4 2> /dev/null | gzip -c | gunzip | sha256sum > /dev/null',
    'ls -R /proc/1 /proc/sys /sys/kernel > /dev/null 2>&1',
    each(5, 'sleep 0.1'),
    'yes | head -n 5000 | sort | uniq -c > /dev/null',
    each(3000, ':'),
    '(for a in 1 2 3 4 5 6 7 8 9; do (for b in 1 2 3 4 5 6 7 8; do (:) & done; wait) & done; wait)',
    'sleep 5 & kill -9 $!',
    'ps > /dev/null; cat /proc/meminfo /proc/interrupts > /dev/null',
    ...['a', 'b', 'c', 'd', 'e', 'f'].map((word) => `echo ${word}`),
  ],
  waiting: { line: 'cat > /dev/null', end: '\x04' },
  load: [
    'ls / | sort | wc -l',
    each(8, '(:)'),
    'dd if=/dev/zero of=/tmp/z bs=64k count=40 2> /dev/null; rm /tmp/z',
    'ps | wc -l; cat /proc/meminfo | tail -n 1',
    'ls -R /sys/kernel/mm > /dev/null; sleep 0.05',
    'dd if=/bin/busybox bs=16k count=2 2> /dev/null | gzip -c | wc -c',
    'yes | head -n 500 | sort | uniq -c',
  ],
  heavy: [
    each(20, 'ls / | sort | wc -l > /dev/null'),
    'gzip -c /bin/busybox | gunzip | sha256sum',
    'dd if=/dev/zero of=/tmp/z bs=1M count=20 2> /dev/null; cp /tmp/z /tmp/y; sync; rm /tmp/z /tmp/y',
    'ls -lR /proc/1 /proc/sys /sys/kernel 2> /dev/null | wc -l',
    '(for a in 1 2 3 4 5 6 7 8; do (for b in 1 2 3 4 5 6 7 8; do (:) & done; wait) & done; wait)',
    'yes | head -n 5000 | sort | uniq -c',
  ],
  probe: { line: 'echo al$((6*7))ive', answer: 'al42ive' },
  halt: 'halt -f',
  crash: /Oops|Kernel panic|BUG:|invalid opcode|general protection/,
};

const pup: ShellGuest = {
  prompt: /pup# $/,
  training: [
    ...Array.from({ length: 3 }, () => [
      ...['ls | wc', 'forkstorm 90', 'pingpong 100', 'sieve 60000 & walker 200 & pingpong 200 & wait', 'memhog'],
      ...['cat /etc/motd | sort | wc', 'threads 8', 'sieve 300000', 'crash all', 'ps', 'spin 50', 'ls /bin', 'sleep 3'],
    ]).flat(),
    'sleep 100000 &',
  ],
  waiting: { line: 'cat | cat', end: '\x04' },
  load: [
    'ls | wc',
    'forkstorm 20',
    'pingpong 60',
    'cat /etc/motd | sort | wc',
    'ps',
    'sieve 60000 & walker 200 & wait',
    'ls /bin',
    'sleep 3',
  ],
  heavy: [
    'forkstorm 90',
    'pingpong 2000 & sieve 1000000 & walker 1000 & wait',
    'memhog',
    'sieve 3000000 & sieve 3000000 & threads 8 & wait',
    'cat /etc/motd | sort | wc & forkstorm 40 & pingpong 1000 & wait',
    'spin 300',
    'ls /bin | sort | wc',
    'crash all',
  ],
  probe: { line: 'echo a"li"ve', answer: '\nalive' },
  halt: 'halt',
  crash: /pup: panic|killed: .* in the kernel|\((sh|init)\) killed/,
};

const PYTHON_COMPILES = (files: number) =>
  `python3 -c 'import os; d = "/usr/lib/python3.11/"; [compile(open(d + f).read(), f, "exec") for f in sorted(os.listdir(d))[:${files}] if f.endswith(".py")]'`;
const PYTHON_FILLS = (mib: number) => `python3 -c 'b = [bytearray(1 << 20) for _ in range(${mib})]; print(len(b))'`;
const SQLITE = (rows: number) =>
  `sqlite3 /tmp/d 'create table t (a, b); with recursive n(i) as (select 1 union all select i + 1 from n where i < ${rows}) insert into t select i, hex(randomblob(8)) from n; create index x on t (b); select count(distinct b) from t;'; rm /tmp/d`;
const REDIS = (requests: number) =>
  `(redis-server --save '' > /dev/null &); until redis-cli ping > /dev/null 2>&1; do sleep 1; done; redis-benchmark -q -c 20 -n ${requests} -t set,get,lpush > /dev/null; redis-cli shutdown nosave`;

/** The same system, with the programs that keep it busy. */
const workloads: ShellGuest = {
  ...linux,
  training: [
    ...linux.training.slice(0, 2),
    // What waits for events and locks by the ways that larger programs have.
    '(redis-server --port 7000 --save "" > /dev/null &)',
    `python3 -c 'import threading; threading.Event().wait()' &`,
    `python3 -c 'import select; select.poll().poll()' &`,
    ...linux.training.slice(2),
    PYTHON_COMPILES(3),
    PYTHON_FILLS(130),
    SQLITE(3000),
    REDIS(200),
    'hackbench -g 2 -l 20 > /dev/null; hackbench -T -g 2 -l 20 > /dev/null',
    'sysbench cpu --time=3 run > /dev/null; sysbench threads --threads=16 --time=3 run > /dev/null',
    'sysbench memory --memory-total-size=64M run > /dev/null; sysbench mutex --threads=8 --mutex-loops=100 --mutex-locks=500 run > /dev/null',
    `perl -e 'for (1..20) { my $p = fork(); if (!$p) { exec "/bin/true" } waitpid $p, 0 }'`,
  ],
  heavy: [
    ...linux.heavy,
    PYTHON_COMPILES(12),
    PYTHON_FILLS(150),
    'dd if=/dev/zero of=/tmp/z bs=1M count=100 2> /dev/null; cat /tmp/z > /dev/null; head -c 8000000 /tmp/z | sha256sum; rm /tmp/z',
    SQLITE(10_000),
    REDIS(500),
    'hackbench -g 3 -l 50 > /dev/null',
    'hackbench -T -g 3 -l 50 > /dev/null',
    'sysbench cpu --time=20 run > /dev/null',
    'sysbench threads --threads=24 --time=20 run > /dev/null',
    'sysbench memory --memory-total-size=256M run > /dev/null',
    `perl -e 'for (1..60) { my $p = fork(); if (!$p) { exec "/bin/true" } waitpid $p, 0 }'`,
    `perl -e 'my %h; $h{$_ * 7 % 10007} .= "x" for 1..60000; print scalar(keys %h), "\n"'`,
  ],
};

/** A guest of the catalogue. @throws Error for one that is not known here */
export function shellGuest(name: string): ShellGuest {
  if (name.startsWith('pup')) return pup;
  if (name.endsWith('-workloads')) return workloads;
  if (name.startsWith('debian')) return linux;
  throw new Error(`${name}: expected a pup or a Debian, found another guest`);
}

/** Whether the shell shows its prompt. @param from length of the console's text when the last line was typed */
export const prompts = (machine: Machine, guest: ShellGuest, from: number): boolean =>
  machine.console.length > from &&
  guest.prompt.test(machine.console.since(Math.max(from, machine.console.length - 64)).replaceAll('\r\n', '\n'));

/** Types a line and waits for the prompt. @returns whether it came in time */
export async function type(
  machine: Machine,
  guest: ShellGuest,
  line: string,
  patience: number,
  give: () => boolean = () => false,
): Promise<boolean> {
  const from = machine.console.length + line.length;
  machine.type(`${line}\n`);
  await machine.run({ until: () => prompts(machine, guest, from) || give(), for: patience });
  return prompts(machine, guest, from);
}
