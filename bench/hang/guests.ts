// The two kernels of the campaign: how they are made to work, to wait, and to show that they live.
import type { Machine } from '../../emulator/index.ts';

/** A guest with a shell. */
export interface ShellGuest {
  readonly prompt: RegExp;
  /** Lines for the training: work, and in the background one long wait of each sort. Each is typed when the prompt shows. */
  readonly training: readonly string[];
  /** Typed last in the training: it waits until what follows is typed. */
  readonly waiting: { readonly line: string; readonly end: string };
  /** Virtual milliseconds of rest at the end of the training. */
  readonly rest: number;
  /** Lines of work for runs with a fault, and for hours without. */
  readonly load: readonly string[];
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
    'dd if=/dev/urandom bs=64k count=16 2> /dev/null | gzip -c | gunzip | sha256sum > /dev/null',
    'ls -R /proc /sys > /dev/null 2>&1',
    each(5, 'sleep 0.1'),
    'yes | head -n 5000 | sort | uniq -c > /dev/null',
    each(3000, ':'),
    '(for a in 1 2 3 4 5 6 7 8 9; do (for b in 1 2 3 4 5 6 7 8; do (:) & done; wait) & done; wait)',
    'sleep 5 & kill -9 $!',
    'ps > /dev/null; cat /proc/meminfo /proc/interrupts > /dev/null',
    ...['a', 'b', 'c', 'd', 'e', 'f'].map((word) => `echo ${word}`),
  ],
  waiting: { line: 'cat > /dev/null', end: '\x04' },
  rest: 30_000,
  load: [
    'ls / | sort | wc -l',
    each(8, '(:)'),
    'dd if=/dev/zero of=/tmp/z bs=64k count=40 2> /dev/null; rm /tmp/z',
    'ps | wc -l; cat /proc/meminfo | tail -n 1',
    'ls -R /sys/kernel > /dev/null; sleep 0.05',
    'gzip -c /bin/busybox | wc -c',
    'yes | head -n 500 | sort | uniq -c',
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
      ...['cat /etc/motd | sort | wc', 'threads 8', 'sieve 300000', 'crash all', 'ps', 'spin 50', 'ls /bin | sort'],
    ]).flat(),
    'sleep 100000 &',
  ],
  waiting: { line: 'cat | cat', end: '\x04' },
  rest: 8000,
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
  probe: { line: 'echo a"li"ve', answer: '\nalive' },
  halt: 'halt',
  crash: /pup: panic|\((sh|init)\) killed/,
};

/** A guest of the catalogue. @throws Error for one that is not known here */
export function shellGuest(name: string): ShellGuest {
  if (name.startsWith('pup')) return pup;
  if (name.startsWith('debian')) return linux;
  throw new Error(`${name}: expected a pup or a Debian, found another guest`);
}

/** Whether the shell shows its prompt. @param from length of the console's text when the last line was typed */
export const prompts = (machine: Machine, guest: ShellGuest, from: number): boolean =>
  machine.console.text.length > from &&
  guest.prompt.test(
    machine.console.text.slice(Math.max(from, machine.console.text.length - 64)).replaceAll('\r\n', '\n'),
  );

/** Types a line and waits for the prompt. @returns whether it came in time */
export async function type(
  machine: Machine,
  guest: ShellGuest,
  line: string,
  patience: number,
  give: () => boolean = () => false,
): Promise<boolean> {
  const from = machine.console.text.length + line.length;
  machine.type(`${line}\n`);
  await machine.run({ until: () => prompts(machine, guest, from) || give(), for: patience });
  return prompts(machine, guest, from);
}
