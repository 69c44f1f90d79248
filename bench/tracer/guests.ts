// The guests of the tracer's bench: how each is made to work, and what it says of itself.
import type { Machine } from '../../emulator/index.ts';
import { pupRecords } from '../../guests/pup/records.ts';
import { catalogueImage, catalogueMap } from '../../guests/pup/testing/session.ts';
import type { Parameters } from '../../monitors/parameters.ts';
import { linuxCommand, linuxValues } from '../../monitors/testing/linux-parameters.ts';
import { parametersOf, pupParameters } from '../../monitors/testing/pup-parameters.ts';
import type { ThreadRecord } from '../../monitors/tracer/index.ts';

/** A guest that tells the truth about its processes. */
export interface TruthfulGuest {
  /** Parameters that are true of the guest, where no profile is given. Run in a machine of its own. */
  parameters(machine: Machine, name: string): Promise<Parameters>;
  /** Types a line and waits for the prompt. @returns what is shown */
  command(machine: Machine, line: string): Promise<string>;
  /** Sets the shell up to take long lines. */
  quiet(machine: Machine): Promise<void>;
  /** Makes ready to tell. */
  prepare(machine: Machine): Promise<void>;
  /** Begins to tell; makes no process. */
  begin(machine: Machine): Promise<void>;
  /** Ends it; makes no process. @returns what reads the truth, when the tracer is gone */
  end(
    machine: Machine,
  ): Promise<() => Promise<{ readonly records: readonly string[]; readonly switches?: readonly string[] }>>;
  /** Lines that make many processes of all sorts. */
  readonly workload: readonly string[];
  /** A line that is measured, and how often it is typed. */
  readonly measured: readonly string[];
}

const TRACING = '/sys/kernel/tracing';
const each = (count: number, work: string) => `i=0; while [ $i -lt ${count} ]; do ${work}; i=$((i+1)); done`;

/** Linux: the kernel's own trace points, read through tracefs. */
const linux: TruthfulGuest = {
  parameters: async (machine) => parametersOf(await linuxValues(machine)),
  command: (machine, line) => linuxCommand(machine, line, 600_000),
  quiet: async (machine) => void (await linuxCommand(machine, 'stty -echo cols 200')),
  async prepare(machine) {
    await linuxCommand(
      machine,
      `mount -t tracefs t ${TRACING} && cd ${TRACING} && echo 0 > tracing_on && echo 16000 > buffer_size_kb`,
    );
    for (const event of ['process_fork', 'process_exec', 'process_exit', 'switch'])
      await linuxCommand(machine, `echo 1 > events/sched/sched_${event}/enable`);
    await linuxCommand(machine, 'echo > trace; cd /');
  },
  begin: async (machine) => void (await linuxCommand(machine, `echo 1 > ${TRACING}/tracing_on`)),
  async end(machine) {
    await linuxCommand(machine, `echo 0 > ${TRACING}/tracing_on`);
    return async () => {
      const lost = await linuxCommand(machine, `cat ${TRACING}/per_cpu/cpu0/stats`);
      if (!/overrun: 0\b/.test(lost)) throw new Error(`the guest's trace: expected none lost, found ${lost}`);
      const processes = await linuxCommand(
        machine,
        `grep -o 'sched_process_.*' ${TRACING}/trace | cut -c 15-140`,
        600_000,
      );
      const switches = await linuxCommand(machine, `grep -o 'next_pid=[0-9]*' ${TRACING}/trace | cut -c 10-`, 600_000);
      return { records: linuxRecords(processes), switches: switches.match(/^\d+$/gm) ?? [] };
    };
  },
  workload: [
    each(110, 'ls / | sort | wc -l > /dev/null'),
    each(120, '(:)'),
    each(35, `sh -c 'sh -c "sh -c true; :"; :'`),
    each(45, '(sleep 0.02 &)'),
    each(15, 'sleep 9 & kill -9 $!; wait $! 2> /dev/null'),
    each(10, 'yes | head -n 1 > /dev/null'),
    each(10, '/bin/nosuchprogram 2> /dev/null; sh -c "exec /nosuch" 2> /dev/null'),
    each(5, `sh -c 'kill -SEGV $$' > /dev/null 2>&1`),
    '(for a in 1 2 3 4 5; do (for b in 1 2 3 4 5; do (:) & done; wait) & done; wait)',
    'hackbench -T -g 1 -l 20 > /dev/null',
    'hackbench -g 1 -l 20 > /dev/null',
    `python3 -c 'import threading; t = [threading.Thread(target=sum, args=([1],)) for _ in range(12)]; [x.start() for x in t]; [x.join() for x in t]'`,
    `python3 -c 'import os; [os.fork() or os._exit(0) for _ in range(40)]'`,
    `perl -e 'for (1..20) { my $p = fork(); if (!$p) { exec "/bin/true" } waitpid $p, 0 }'`,
    'sleep 0.3',
  ],
  measured: [
    `sqlite3 /tmp/t 'create table t(a); with recursive c(x) as (select 1 union all select x+1 from c where x<60000) insert into t select x from c; select sum(a) from t' > /dev/null; rm /tmp/t`,
    `gzip -c /usr/bin/python3.11 | sha256sum > /dev/null`,
    each(40, 'ls / | sort | wc -l > /dev/null'),
    `python3 -c 'print(sum(i * i for i in range(300000)))'`,
  ],
};

function linuxRecords(text: string): string[] {
  return [...text.matchAll(/^(fork|exec|exit): (.*)$/gm)].map(([, kind, rest]) => {
    const field = (name: string) => new RegExp(`(?:^| )${name}=(\\S+)`).exec(rest!)?.[1];
    if (kind === 'fork') return `fork ${field('pid')} ${field('child_pid')}`;
    return kind === 'exec' ? `exec ${field('pid')} ${field('filename')}` : `exit ${field('pid')}`;
  });
}

/** pup: its kernel's log. */
const pup: TruthfulGuest = {
  parameters: async (_machine, name) => pupParameters(await catalogueMap(name), await catalogueImage(name)),
  async command(machine, line) {
    const from = machine.console.length;
    machine.type(`${line}\n`);
    const end = await machine.run({ until: () => machine.console.since(from).includes('pup# '), for: 600_000 });
    if (end !== 'until') throw new Error(`${line}: expected the prompt, found "${end}"`);
    return machine.console.since(from);
  },
  quiet: async () => {},
  prepare: async (machine) => void (await pup.command(machine, 'truth on')),
  begin: async () => {},
  end: async (machine) => {
    const text = machine.console.text;
    return async () => ({ records: pupLines(text.slice(text.indexOf('pup# '))).slice(1) });
  },
  workload: [
    ...Array.from({ length: 8 }, () => 'forkstorm 60'),
    ...Array.from({ length: 60 }, (_, index) => `ls /bin | sort | wc; sieve ${100 + index} & wait`),
    ...Array.from({ length: 10 }, () => 'pingpong 50; threads 8; crash all; nosuchprogram'),
    ...Array.from({ length: 4 }, () => 'sh /etc/load.sh'),
  ],
  measured: Array.from({ length: 12 }, () => [
    'pingpong 300',
    'sieve 900000 & walker 200 & pingpong 200 & wait',
    'forkstorm 80',
    'sieve 2000000',
  ]).flat(),
};

function pupLines(output: string): string[] {
  return pupRecords(output, 'truth').flatMap(({ words: [kind], fields }) => {
    if (kind === 'fork') return [`fork ${fields.get('parent')} ${fields.get('pid')}`];
    if (kind === 'exec') return [`exec ${fields.get('pid')} ${fields.get('path')}`];
    return kind === 'exit' ? [`exit ${fields.get('pid')}`] : [];
  });
}

/** The truth of a guest of the catalogue. @throws Error for one that has none */
export function truthOf(name: string): TruthfulGuest {
  if (name.startsWith('pup')) return pup;
  if (name.startsWith('debian-6.1')) return linux;
  throw new Error(`${name}: expected a pup or a Debian 6.1, whose truths are known; found another`);
}

/** What the tracer tells, in the words of the truth. On Linux each thread is a record, on pup each process. */
export class Told {
  readonly records: string[] = [];
  readonly switches: string[] = [];
  /** First turns of those that nobody was seen to make. */
  readonly seen: ThreadRecord[] = [];
  readonly #threads: boolean;

  constructor(name: string) {
    this.#threads = !name.startsWith('pup');
  }

  readonly created = (one: ThreadRecord): void => {
    if (!one.created) this.seen.push(one);
    else if (this.#threads || !one.thread) this.records.push(`fork ${one.thread ? one.group : one.parent} ${one.pid}`);
  };
  readonly executed = (one: ThreadRecord): void => void this.records.push(`exec ${one.pid} ${one.path}`);
  readonly ended = (one: ThreadRecord, last: boolean): void => {
    if (this.#threads || last) this.records.push(`exit ${one.pid}`);
  };
  readonly switched = (one: ThreadRecord): void => void this.switches.push(`${one.pid}`);
}
