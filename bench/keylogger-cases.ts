// What the keylogger campaign starts: who must be found, and who must not.

/** Somebody who must be found, or not, with what starts him. */
export interface Case {
  readonly what: string;
  readonly lines: readonly string[];
  /** What is typed at the keyboard on Linux, where the serial console's shell is another one. */
  readonly typed?: string;
}

const of = (...lines: string[]): Case => ({ what: lines.join(' ; '), lines });

/** Names of the processes that must be reported, by case. */
export interface LoggerCase extends Case {
  readonly names: readonly string[];
  /** Whether it has code in the keyboard's interrupt, which must be found as well. */
  readonly code?: boolean;
  /** Whether it works where drivers can't be loaded. */
  readonly driverless?: boolean;
}

const logger = (name: string, code = false): LoggerCase => ({ what: name, lines: [`${name} &`], names: [name], code });
const orphan = (line: string, name = line): LoggerCase => ({
  ...{ what: name, lines: [`(${line} &)`], names: [name] },
  code: name === 'keylog-hook',
  driverless: /port|screen|ptrace/.test(name),
});

export const PUP_LOGGERS: readonly LoggerCase[] = [
  ...['device', 'batch', 'delay', 'relay', 'poll'].map((kind) => logger(`keylog-${kind}`)),
  ...['hook', 'tap'].map((kind) => logger(`keylog-${kind}`, true)),
  // Ctrl-C ends the program, and the hook stays.
  { what: 'a hook that only stores', lines: ['keylog-hook', '\x03'], names: [], code: true },
  { what: 'keylog-shell', lines: ['keylog-shell'], names: ['keylog-shell'] },
];

export const LINUX_LOGGERS: readonly LoggerCase[] = [
  ...['evdev', 'batch', 'delay', 'port', 'screen', 'hook'].map((kind) => orphan(`keylog-${kind}`)),
  // The shell of the first terminal, that answers the keyboard.
  orphan(`keylog-ptrace $(ls -l /proc/*/fd/0 2>/dev/null | awk -F/ '/tty1$/ {print $3}' | tail -1)`, 'keylog-ptrace'),
  // The hook is in place while somebody has the device open.
  { what: 'a hook that only stores', lines: ['(sleep 10000 < /dev/hook &)'], names: [], code: true },
  { what: 'keylog-evdev under the name sh', lines: ['cp /bin/keylog-evdev /tmp/sh', '(/tmp/sh &)'], names: ['sh'] },
];

/** Innocent programs of pup: each line starts one or more that run while keys are typed. */
export const PUP_INNOCENT: readonly string[] = [
  'top 1000 > /dev/null &',
  'top 1000 | wc &',
  'sleep 30000 &',
  'pingpong 2000 &',
  'nice 5 pingpong 2000 &',
  'forkstorm 60 &',
  'sieve 400000 &',
  'spin 1500 &',
  'walker 2000 &',
  'cat /etc/motd | sort | wc &',
];

const forever = (work: string, seconds: number): string =>
  `(sh -c 'while :; do ${work}; sleep ${seconds}; done' >/dev/null 2>&1 &)`;

/** Innocent programs of Linux; each lives for the whole study, many start others again and again. */
export const LINUX_INNOCENT: readonly string[] = [
  'mkfifo /tmp/fifo; touch /tmp/log',
  forever('ls -l /bin', 0.3),
  forever('date >> /tmp/log', 0.5),
  '(tail -f /tmp/log >/dev/null &)',
  '(top -b -d 1 >/dev/null &)',
  '(watch -n 1 date >/dev/null &)',
  '(sleep 10000 &)',
  forever('ps', 1),
  forever('seq 1 500 | sort -r | wc', 0.7),
  forever('find /proc -maxdepth 1', 0.9),
  forever('md5sum /etc/passwd', 0.4),
  forever('cat /proc/interrupts', 0.5),
  forever('grep -c root /etc/passwd', 0.6),
  forever('cp /etc/passwd /tmp/copy', 0.8),
  forever('df', 1.1),
  forever('free', 0.35),
  forever('uptime', 0.55),
  forever('tar cf - /etc', 0.65),
  forever('awk "BEGIN{for(i=0;i<2000;i++)x+=i}"', 0.45),
  forever('echo x > /tmp/fifo', 0.25),
  forever('cat /tmp/fifo', 0.05),
  forever('dd if=/dev/zero of=/dev/null bs=1k count=200', 0.2),
  forever('stat /bin/busybox', 0.75),
  '(cat /dev/kmsg >/dev/null &)',
  '(nice -n 19 sh -c "while :; do :; done" &)',
  '(awk \'BEGIN{while(1)system("usleep 50000")}\' &)',
];

/** Programs that the user has in the foreground while keys are typed. */
export const PUP_FOREGROUND: readonly Case[] = ['cat', 'sh', 'wc', 'sort', 'cat | cat | sort'].map((name) => of(name));
/** A line that the user's own shell runs for him. Its keys are none that a scancode alone stands for, so a file holds it. */
const script = (line: string): Case => ({
  ...{ what: line, lines: [`echo '${line}' > /tmp/line`], typed: '. /tmp/line\n' },
});
export const LINUX_FOREGROUND: readonly Case[] = [
  ...['cat', 'sh', 'wc', 'less /etc/passwd', 'vi /tmp/text', 'top', 'ed', 'tee /tmp/copy'].map((name) => ({
    ...{ what: name, lines: [], typed: `${name}\n` },
  })),
  script('cat > /tmp/copy'),
  script('cat | tee /tmp/copy | sort'),
  script('while read x; do date; echo $x >> /tmp/log; done'),
];
