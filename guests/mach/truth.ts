// Reads what the bootstrap task says of itself at the end: lines `@truth ...` on the serial console. For tests.

/** What one task counted. Task 0 is the bootstrap task; the others are numbered in the order that they were made. */
export interface TaskTruth {
  readonly id: number;
  readonly name: string;
  /** Threads that it ever had. */
  readonly threads: number;
  /** Messages, those to and from the kernel included. */
  readonly sent: number;
  readonly received: number;
  readonly syscalls: number;
}

/** What all tasks counted in the whole run. The last two system calls, which print this and wait for ever, are included. */
export interface MachTruth {
  readonly tasks: readonly TaskTruth[];
  /** System calls by trap number, which programs pass negated in EAX. */
  readonly calls: ReadonlyMap<number, number>;
  readonly total: Omit<TaskTruth, 'id' | 'name'> & { readonly tasks: number };
}

/** The fields `name=value` of a console line. @throws Error when one is missing that is asked for */
function fieldsOf(line: string): { text(name: string): string; number(name: string): number } {
  const fields = new Map([...line.matchAll(/ (\w+)=(\S+)/g)].map((match) => [match[1]!, match[2]!]));
  const text = (name: string): string => {
    const value = fields.get(name);
    if (value === undefined) throw new Error(`"${line}": expected a field ${name}`);
    return value;
  };
  return { text, number: (name) => Number(text(name)) };
}

/** The lines of the console that begin with `@what`. */
export const linesOf = (console: string, what: string): string[] =>
  console.split(/\r?\n/).filter((line) => line === `@${what}` || line.startsWith(`@${what} `));

/**
 * Takes the truth out of a transcript.
 * @param console the serial console's text up to its line `@truth end`
 * @throws Error when the truth is not there or not whole
 */
export function readTruth(console: string): MachTruth {
  const [total] = linesOf(console, 'truth total');
  if (total === undefined || linesOf(console, 'truth end').length === 0)
    throw new Error('expected the lines from "@truth begin" to "@truth end", found them cut short or missing');
  const counts = (line: string) => {
    const { number } = fieldsOf(line);
    const [threads, sent, received, syscalls] = ['threads', 'sent', 'received', 'syscalls'].map(number);
    return { threads: threads!, sent: sent!, received: received!, syscalls: syscalls! };
  };
  const tasks = linesOf(console, 'truth task').map((line) => {
    const { text, number } = fieldsOf(line);
    return { id: number('id'), name: text('name'), ...counts(line) };
  });
  const calls = linesOf(console, 'truth call').map((line): [number, number] => {
    const { number } = fieldsOf(line);
    return [number('n'), number('count')];
  });
  return { tasks, calls: new Map(calls), total: { tasks: fieldsOf(total).number('tasks'), ...counts(total) } };
}
