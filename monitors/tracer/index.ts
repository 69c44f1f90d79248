// The process tracer as a monitor: see README.md.
import type { Machine } from '../../emulator/index.ts';
import { AddressSpaces } from '../address-spaces/index.ts';
import type { Monitor, MonitorContext, MonitorHandle } from '../monitor.ts';
import type { ParameterName } from '../parameters.ts';
import type { ThreadRecord } from './thread-record.ts';
import { timeline } from './timeline.ts';
import { Tracer } from './tracer.ts';
import { label, tree } from './tree.ts';

export type { Stamp, ThreadRecord } from './thread-record.ts';
export { timeline } from './timeline.ts';
export { Tracer, type TracerListeners } from './tracer.ts';
export { tree } from './tree.ts';

const OPTIONAL = [
  ...(['current', 'contextSwitch', 'thread', 'processId', 'threadGroup', 'name', 'parent'] as const),
  ...(['systemCallNumber', 'createCalls', 'replaceCalls', 'endCalls', 'kernelText'] as const),
] satisfies readonly ParameterName[];

const described = ({ structure: _structure, ...record }: ThreadRecord) => ({
  ...{
    id: record.id,
    pid: record.pid,
    group: record.group,
    thread: record.thread,
    name: record.name,
    path: record.path,
  },
  ...{ parent: record.parent, created: record.created?.time, ended: record.ended?.time },
  ...{ turns: record.turns, cpuTime: record.cpuTime },
});

/** Why something is not shown, by parameter. */
function missing({ parameters }: MonitorContext): Record<string, string> {
  return Object.fromEntries(
    OPTIONAL.flatMap((name) => {
      const parameter = parameters[name];
      return parameter.state === 'unknown' ? [[name, parameter.reason]] : [];
    }),
  );
}

/** The same for people: one line for each reason. */
function missingLines(context: MonitorContext): string[] {
  const byReason = new Map<string, string[]>();
  for (const [name, reason] of Object.entries(missing(context)))
    byReason.set(reason, [...(byReason.get(reason) ?? []), name]);
  return [...byReason].map(([reason, names]) => `unknown: ${names.join(', ')}: ${reason}`);
}

/** With `current` unknown there are address spaces only, as in Antfarm. */
function traceSpaces(machine: Machine, context: MonitorContext): MonitorHandle {
  const spaces = new AddressSpaces(machine);
  return {
    summary: () => ({ kind: 'address-spaces', unknown: missing(context), spaces: spaces.list() }),
    text: () => [`address spaces in place of threads: ${spaces.count} seen`, ...missingLines(context)].join('\n'),
    events: () => spaces.count,
    [Symbol.dispose]: () => spaces[Symbol.dispose](),
  };
}

function traceThreads(machine: Machine, context: MonitorContext): MonitorHandle {
  const begun = machine.cpu.time;
  const { tell } = context;
  const tracer = new Tracer(machine, context.parameters, {
    created: (one) => {
      const kind = one.created ? 'create' : 'seen';
      const { pid, group, parent, name, thread } = one;
      tell(
        { kind, time: one.seen.time, pid, group, parent, name, thread },
        `${one.seen.time.toFixed(3)} ${kind} ${label(one)}${thread ? ` thread of ${group}` : ''}, parent ${parent ?? '?'}`,
      );
    },
    executed: (one, { time }) =>
      tell(
        { kind: 'exec', time, pid: one.pid, name: one.name, path: one.path },
        `${time.toFixed(3)} exec ${label(one)} ${one.path ?? '(path unknown)'}`,
      ),
    ended: (one, last) =>
      tell(
        { kind: 'exit', time: one.ended!.time, pid: one.pid, name: one.name, last },
        `${one.ended!.time.toFixed(3)} exit ${label(one)}${last ? '' : ', others of its process live'}`,
      ),
    ...(context.options.switches === 'true'
      ? {
          switched: (one: ThreadRecord, { time }: { readonly time: number }) =>
            tell({ kind: 'switch', time, pid: one.pid, name: one.name }, `${time.toFixed(3)} switch to ${label(one)}`),
        }
      : {}),
  });
  return {
    summary: () => ({
      kind: 'threads',
      source: tracer.source,
      ending: tracer.endingPlace,
      unknown: missing(context),
      counts: tracer.counts,
      threads: tracer.list().map(described),
    }),
    text: () => {
      const all = tracer.list();
      const range = { from: begun, to: machine.cpu.time };
      const { seen, created, executed, ended, switched } = tracer.counts;
      const counts = `${seen} were there, ${created} created, ${executed} programs executed, ${ended} ended, ${switched} switches`;
      return [counts, ...missingLines(context), tree(all), timeline(all, tracer.turns, range)].join('\n');
    },
    events: () => tracer.counts.switched,
    [Symbol.dispose]: () => tracer[Symbol.dispose](),
  };
}

const monitor: Monitor = {
  name: 'tracer',
  needs: { required: [], optional: OPTIONAL },
  attach: (machine, context) =>
    context.parameters.current.state === 'known' ? traceThreads(machine, context) : traceSpaces(machine, context),
};

export default monitor;
