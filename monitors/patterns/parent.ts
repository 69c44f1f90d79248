import type { Sample } from './observe/threads.ts';
import { pattern } from './pattern.ts';
import { idFields, placeIndex, sampled, wordAt } from './structure.ts';

const LEAST_CHILDREN = 4;
const LEAST_PARENTS = 2;

interface Pair {
  readonly own: Sample;
  readonly creator: Sample;
}

interface Candidate {
  readonly offset: number;
  readonly kind: 'pointer' | 'id';
  readonly inside: number;
  readonly children: number;
  readonly parents: number;
}

/** The pointer may lead into the structure, to the part of it that is the process: by how many bytes in most pairs. */
function distanceInside(pairs: readonly Pair[], offset: number, length: number): number {
  const counts = new Map<number, number>([[0, 0]]);
  for (const { own, creator } of pairs) {
    const distance = (wordAt(own, { offset }) ?? 0) - creator.pointer;
    if (distance >= 0 && distance < length) counts.set(distance, (counts.get(distance) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]![0];
}

const candidate = (field: Pick<Candidate, 'offset' | 'kind' | 'inside'>, right: readonly Pair[]): Candidate => ({
  ...field,
  children: right.length,
  parents: new Set(right.map(({ creator }) => creator.pointer)).size,
});

export default pattern({
  name: 'parent',
  parameter: 'parent',
  words: 'The structure of a process points to that of the process that created it, or has its id.',
  source: 'p_pptr of Unix, real_parent of Linux, InheritedFromUniqueProcessId of Windows NT',
  refutation: 'A process whose creator lives and is not the one that the field names',
  stage: 'owners',
  needs: ['current', 'processId'],
  infer({ threads, owners }, { current, processId }) {
    const first = threads && placeIndex(threads, current!);
    const log = processId!.via === undefined ? threads : owners;
    if (!threads || first === undefined || !log) return { reason: 'the structures of threads were not seen' };
    const place = placeIndex(log, current!);
    const id = { offset: processId!.offset };
    const fields = idFields(log, place, false);
    const creations = fields.find(({ offset }) => offset === id.offset)?.creations ?? [];
    const byId = new Map(sampled(log, place).map(({ thread, sample }) => [thread.id, sample]));
    const pairs = creations.flatMap(({ child, call }) => {
      const [own, creator] = [byId.get(child.id), byId.get(call.thread)];
      return own && creator ? [{ own, creator }] : [];
    });
    const scored: Candidate[] = [];
    const length = Math.min(...pairs.map(({ own }) => own.last.length));
    for (let offset = 0; offset + 4 <= length; offset += 4) {
      const named = (right: (pair: Pair, word: number) => boolean) =>
        pairs.filter((pair) => right(pair, wordAt(pair.own, { offset }) ?? 0));
      const inside = distanceInside(pairs, offset, length);
      const pointed = named(({ creator }, word) => word === creator.pointer + inside);
      scored.push(candidate({ offset, kind: 'pointer', inside }, pointed));
      if (offset !== id.offset)
        scored.push(
          candidate(
            { offset, kind: 'id', inside: 0 },
            named(({ creator }, word) => word === wordAt(creator, id)),
          ),
        );
    }
    const [best] = scored
      .filter(
        ({ children, parents }) =>
          children >= LEAST_CHILDREN && parents >= LEAST_PARENTS && children >= 0.8 * pairs.length,
      )
      .sort((a, b) => b.children - a.children || a.offset - b.offset);
    if (!best) return { reason: `no field of ${pairs.length} processes names their creators` };
    const { offset, kind, inside, children, parents } = best;
    const via = processId!.via;
    return {
      value: { offset, kind, ...(inside === 0 ? {} : { inside }), ...(via === undefined ? {} : { via }) },
      confidence: children === pairs.length ? 0.9 : 0.75,
      evidence: [
        {
          what: `processes, of ${pairs.length} and by ${parents} creators, in which it names the creator`,
          count: children,
        },
      ],
    };
  },
});
