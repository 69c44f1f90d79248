// The tree of processes as text, as `ps --forest` would show it, but from outside.
import type { ThreadRecord } from './thread-record.ts';

/** Name and id, as far as they are known. */
export function label({ name, pid, structure }: ThreadRecord): string {
  return `${name ?? '?'} ${pid ?? `@${structure.toString(16)}`}`;
}

/** Threads without an end, each process under its parent. Children of who is not known stand at the left. */
export function tree(threads: readonly ThreadRecord[]): string {
  const living = threads.filter(({ ended }) => ended === undefined);
  const processes = new Map(living.filter(({ thread }) => !thread).map((one) => [one.pid, one]));
  const children = new Map<ThreadRecord | undefined, ThreadRecord[]>();
  for (const one of living) {
    const above = processes.get(one.thread ? one.group : one.parent);
    const parent = above === one ? undefined : above;
    children.set(parent, [...(children.get(parent) ?? []), one]);
  }
  const lines: string[] = [];
  const seen = new Set<ThreadRecord>();
  const draw = (one: ThreadRecord, depth: number): void => {
    // A guest may say of two that each is the other's parent.
    if (seen.has(one)) return;
    seen.add(one);
    const path = one.path === undefined ? '' : ` ${one.path}`;
    lines.push(
      `${'  '.repeat(depth)}${label(one)}${one.thread ? ' (thread)' : ''}${path}  ${one.cpuTime.toFixed(1)} ms`,
    );
    for (const child of children.get(one) ?? []) draw(child, depth + 1);
  };
  for (const one of children.get(undefined) ?? []) draw(one, 0);
  for (const one of living) draw(one, 0);
  return lines.join('\n');
}
