// What is known of a structure that nobody has described: fields are offsets at which its words behave alike in all threads.
import type { CurrentPlace } from '../parameters.ts';
import type { Call, Sample, Thread, ThreadLog } from './observe/threads.ts';

/** A field of the structure, or of one that it points to. */
export interface FieldPlace {
  readonly offset: number;
  readonly via?: number;
}

/** The word of a field in a sample. */
export function wordAt(sample: Sample, { offset, via }: FieldPlace): number | undefined {
  const bytes = via === undefined ? sample.last : sample.inner.get(via);
  if (!bytes || offset + 4 > bytes.length) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, true);
}

/** Threads of a log with a sample of a place. */
export const sampled = (log: ThreadLog, place: number): { readonly thread: Thread; readonly sample: Sample }[] =>
  log.threads.flatMap((thread) => {
    const sample = thread.samples.get(place);
    return sample ? [{ thread, sample }] : [];
  });

const overlap = (a: Thread, b: Thread): boolean => a.born < b.lastSeen && b.born < a.lastSeen;

/** Pairs of threads at least that must be told apart. */
const LEAST_PAIRS = 3;

/** Whether a place holds, in each thread, one pointer that no other thread has while it lives. */
export function tellsThreadsApart(log: ThreadLog, place: number): boolean {
  const all = sampled(log, place);
  if (all.length < LEAST_PAIRS) return false;
  let pairs = 0;
  for (let i = 0; i < all.length; i++)
    for (let j = i + 1; j < all.length; j++) {
      if (!overlap(all[i]!.thread, all[j]!.thread)) continue;
      if (all[i]!.sample.pointer === all[j]!.sample.pointer) return false;
      pairs++;
    }
  return pairs >= LEAST_PAIRS;
}

/** A thread, and the call of another that gave its id. */
export interface Creation {
  readonly child: Thread;
  readonly call: Call;
}

/** A field that holds what programs are told as an id. */
export interface IdField extends FieldPlace {
  /** Threads whose creator was told the field's value. */
  readonly creations: readonly Creation[];
  /** Numbers of calls that told threads their own value, with how many threads they told. */
  readonly own: ReadonlyMap<number, number>;
}

/** The number under which a log has samples of a place, where it tells threads apart; -1 when it has none. */
export function placeIndex(log: ThreadLog, place: CurrentPlace): number {
  const key = JSON.stringify(place);
  const threads = (index: number) => sampled(log, index).length;
  const indices = log.places.flatMap((one, index) => (JSON.stringify(one.place) === key ? [index] : []));
  return indices.sort((a, b) => threads(b) - threads(a))[0] ?? -1;
}

/** Ids are told as positive numbers. */
const isId = (value: number | undefined): value is number => value !== undefined && value > 0 && value < 0x7fffffff;

const LEAST_CREATIONS = 4;

/**
 * Fields that hold ids: when a thread comes to life, a call of another thread that began before returns what the field holds.
 * @param vias whether pointers are followed.
 */
export function idFields(log: ThreadLog, place: number, vias: boolean): IdField[] {
  const all = sampled(log, place).filter(({ thread }) => thread.fresh && thread.calls.length > 0);
  const told = new Map<number, Call[]>();
  for (const call of log.calls)
    if (call.returned && isId(call.returned.value))
      told.set(call.returned.value, [...(told.get(call.returned.value) ?? []), call]);
  const found: IdField[] = [];
  for (const field of candidateFields(
    all.map(({ sample }) => sample),
    vias,
  )) {
    const candidates: { child: Thread; value: number; calls: readonly Call[] }[] = [];
    for (const { thread, sample } of all) {
      const value = wordAt(sample, field);
      if (!isId(value) || (field.via === undefined && sample.changed[field.offset >> 2] === 1)) continue;
      const calls = told.get(value)?.filter((one) => one.thread !== thread.id && one.order < thread.born) ?? [];
      if (calls.length > 0) candidates.push({ child: thread, value, calls });
    }
    const creations = creationsOf(candidates);
    const values = new Set(candidates.map(({ value }) => value)).size;
    if (creations.length >= LEAST_CREATIONS && values >= LEAST_CREATIONS)
      found.push({ ...field, creations, own: ownCalls(all, field) });
  }
  const most = Math.max(0, ...found.map(({ creations }) => creations.length));
  const created = found.filter(({ creations }) => creations.length === most);
  // What a thread is told of itself when it asks is a second witness.
  const asked = ({ own }: IdField) => [...own.values()].reduce((sum, threads) => sum + threads, 0);
  const mostAsked = Math.max(0, ...created.map(asked));
  return created.filter((field) => asked(field) === mostAsked);
}

/** Small numbers are returned by many calls by chance: of those that returned a thread's id, the creator is the one that did so for most threads. */
function creationsOf(candidates: readonly { readonly child: Thread; readonly calls: readonly Call[] }[]): Creation[] {
  const counts = new Map<number, number>();
  for (const { calls } of candidates)
    for (const number of new Set(calls.map((call) => call.number))) counts.set(number, (counts.get(number) ?? 0) + 1);
  return candidates.map(({ child, calls }) => {
    const most = Math.max(...calls.map(({ number }) => counts.get(number)!));
    return { child, call: calls.filter(({ number }) => counts.get(number) === most).at(-1)! };
  });
}

function* candidateFields(samples: readonly Sample[], vias: boolean): Generator<FieldPlace> {
  const length = Math.min(...samples.map(({ last }) => last.length));
  if (!vias) for (let offset = 0; offset + 4 <= length; offset += 4) yield { offset };
  if (!vias || samples.length === 0) return;
  const common = [...samples[0]!.inner.keys()].filter((via) => samples.every(({ inner }) => inner.has(via)));
  for (const via of common) for (let offset = 0; offset < 256; offset += 4) yield { via, offset };
}

/** Calls that tell a thread the value of a field: every call of that number does. */
function ownCalls(
  all: readonly { readonly thread: Thread; readonly sample: Sample }[],
  field: FieldPlace,
): Map<number, number> {
  const threads = new Map<number, Set<number>>();
  const wrong = new Set<number>();
  for (const { thread, sample } of all)
    for (const { number, returned } of thread.calls) {
      if (!returned) continue;
      if (returned.value === wordAt(sample, field))
        threads.set(number, (threads.get(number) ?? new Set()).add(thread.id));
      else wrong.add(number);
    }
  return new Map(
    [...threads]
      .filter(([number, { size }]) => size > 1 && !wrong.has(number))
      .map(([number, { size }]) => [number, size]),
  );
}
