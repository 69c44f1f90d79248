// The monitors of a run: ours by name, the user's own by file.
import type { Machine } from '../emulator/index.ts';
import type { PreparedGuest } from '../guests/index.ts';
import type { Monitor, MonitorContext, MonitorExport, MonitorHandle } from '../monitors/monitor.ts';
import type { ParameterName, Parameters } from '../monitors/parameters.ts';
import { UsageError } from './failure.ts';
import { userModule } from './user-module.ts';

/** Ours, loaded when asked for. */
const OURS: Readonly<Record<string, () => Promise<{ readonly default: Monitor }>>> = {
  tracer: () => import('../monitors/tracer/index.ts'),
  ret2usr: () => import('../monitors/ret2usr/index.ts'),
  hang: () => import('../monitors/hang/index.ts'),
  keylogger: () => import('../monitors/keylogger/index.ts'),
};

/** Names of the monitors that come with Wolfden. */
export const MONITOR_NAMES: readonly string[] = Object.keys(OURS);

/** A monitor and what the user calls it: its name, or its file. */
export interface LoadedMonitor {
  readonly label: string;
  readonly monitor: Monitor;
  readonly options: Readonly<Record<string, string>>;
}

/** A monitor at work. */
export interface StartedMonitor {
  readonly label: string;
  readonly handle: MonitorHandle;
}

function isExport(value: unknown): value is MonitorExport {
  if (typeof value === 'function') return true;
  return typeof value === 'object' && value !== null && typeof (value as { attach?: unknown }).attach === 'function';
}

/** The monitor of a file. */
async function loadFile(file: string): Promise<Monitor> {
  const ours = MONITOR_NAMES.length === 0 ? '' : `, or one of ${MONITOR_NAMES.join(', ')}`;
  const found = await userModule('--monitor', file, ours);
  if (isExport(found)) return typeof found === 'function' ? { attach: found } : found;
  throw new UsageError(
    `--monitor ${file}: expected a monitor, or a function (machine, context), as default export, found ${found === undefined ? 'none' : typeof found}; see wolfden run --help`,
  );
}

/** Options that the user gave, by the name of the monitor. @throws UsageError */
export function parseMonitorOptions(given: readonly string[]): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const byName = new Map<string, Record<string, string>>();
  for (const text of given) {
    const [, name, option, value] = /^(.+?)\.([\w-]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || option === undefined || value === undefined)
      throw new UsageError(`--monitor-option ${text}: expected MONITOR.OPTION=VALUE`);
    byName.set(name, { ...byName.get(name), [option]: value });
  }
  return byName;
}

/**
 * Loads monitors.
 * @param given as after --monitor: names of ours and files, in comma lists.
 * @throws UsageError when there is no such monitor, it can't be loaded, it is given twice, or options are for none of them.
 */
export async function loadMonitors(
  given: readonly string[],
  options: ReturnType<typeof parseMonitorOptions> = new Map(),
): Promise<LoadedMonitor[]> {
  const loaded: LoadedMonitor[] = [];
  for (const label of given.flatMap((list) => list.split(','))) {
    if (loaded.some((one) => one.label === label))
      throw new UsageError(`--monitor ${label}: expected once, found twice`);
    const monitor = Object.hasOwn(OURS, label) ? (await OURS[label]!()).default : await loadFile(label);
    loaded.push({ label, monitor, options: options.get(monitor.name ?? label) ?? {} });
  }
  for (const name of options.keys()) {
    if (loaded.some(({ label, monitor }) => (monitor.name ?? label) === name)) continue;
    throw new UsageError(`--monitor-option ${name}: expected the name of a monitor of this run, found another`);
  }
  return loaded;
}

/** Whether a monitor makes use of a profile. */
export const wantsProfile = ({ monitor: { needs } }: LoadedMonitor): boolean =>
  needs !== undefined && needs.required.length + needs.optional.length > 0;

function unmet(required: readonly ParameterName[], parameters: Parameters): string[] {
  return required.flatMap((name) => {
    const parameter = parameters[name];
    return parameter.state === 'known' ? [] : [`${name} (${parameter.reason})`];
  });
}

/**
 * Starts monitors, in the order in which they were given.
 * @returns those that will have something to say in the end.
 * @throws UsageError when a monitor requires what is not known of the guest.
 */
export async function startMonitors(
  monitors: readonly LoadedMonitor[],
  machine: Machine,
  guest: PreparedGuest,
  context: Pick<MonitorContext, 'parameters' | 'print' | 'tell'>,
): Promise<readonly StartedMonitor[]> {
  const started: StartedMonitor[] = [];
  for (const { label, monitor, options } of monitors) {
    const missing = unmet(monitor.needs?.required ?? [], context.parameters);
    if (missing.length > 0)
      throw new UsageError(
        `--monitor ${label}: expected to know of ${guest.name}, found unknown: ${missing.join('; ')}`,
      );
    const tell: MonitorContext['tell'] = (record, text) =>
      context.tell({ monitor: label, ...record }, `${label}: ${text}`);
    const handle = await monitor.attach(machine, { ...context, guest, options, tell });
    if (handle) started.push({ label, handle });
  }
  return started;
}
