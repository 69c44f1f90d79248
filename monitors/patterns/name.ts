import type { Range } from '../parameters.ts';
import { type KernelCode, LEAST_LONG_OFFSET } from './kernel-code.ts';
import type { Observations } from './observations.ts';
import type { Sample, Thread, ThreadLog } from './observe/threads.ts';
import type { Found } from './pattern.ts';
import { pattern } from './pattern.ts';
import { type FieldPlace, placeIndex, sampled } from './structure.ts';

/** Threads and names that a field must be right for. */
const LEAST_THREADS = 3;
const LEAST_NAMES = 3;
/** Names are no longer than that. */
const LONGEST = 256;
const SHORTEST_FIELD = 8;
/** Instructions around the use of a name's address in which its length is given to a function. */
const NEAR = 6;

interface NamePlace extends FieldPlace {
  readonly pointer: boolean;
}

/** What a thread may be called by the texts that it gave to the kernel: the last parts of paths, and other words, the latest first. */
const givenNames = ({ calls }: Thread): string[] => {
  const texts = calls.flatMap((call) => call.texts.map(({ text }) => text)).filter((text) => !/[\s=]/.test(text));
  return [...new Set(texts.map((text) => text.slice(text.lastIndexOf('/') + 1)).reverse())].filter(
    (name) => name.length > 1,
  );
};

/** The text at an offset up to its zero; undefined when it is none. */
export function textIn(bytes: Uint8Array, offset: number): string | undefined {
  const end = bytes.indexOf(0, offset);
  if (end <= offset || end - offset > LONGEST) return undefined;
  const text = String.fromCharCode(...bytes.subarray(offset, end));
  return /^[\x20-\x7e]+$/.test(text) ? text : undefined;
}

/** Offsets at which a name stands, whole. */
function offsetsOf(bytes: Uint8Array, name: string): number[] {
  const wanted = [...name].map((character) => character.charCodeAt(0));
  const found: number[] = [];
  for (let at = bytes.indexOf(wanted[0]!); at >= 0; at = bytes.indexOf(wanted[0]!, at + 1))
    if (wanted.every((byte, index) => bytes[at + index] === byte) && bytes[at + wanted.length] === 0) found.push(at);
  return found;
}

/** Where a name stands in a sample: in the structure, or where it points to. */
function placesOf({ last, inner }: Sample, name: string): NamePlace[] {
  const inside = offsetsOf(last, name).map((offset) => ({ offset, pointer: false }));
  const behind = [...inner]
    .filter(([, bytes]) => textIn(bytes, 0) === name)
    .map(([offset]) => ({ offset, pointer: true }));
  return [...inside, ...behind];
}

/** The field that has the name of the program in most threads. */
function bestPlace(log: ThreadLog, place: number) {
  const votes = new Map<string, { place: NamePlace; threads: number; names: Set<string> }>();
  for (const { thread, sample } of sampled(log, place)) {
    const seen = new Set<string>();
    for (const name of givenNames(thread))
      for (const one of placesOf(sample, name)) {
        const key = JSON.stringify(one);
        if (seen.has(key)) continue;
        seen.add(key);
        const vote = votes.get(key) ?? { place: one, threads: 0, names: new Set<string>() };
        vote.threads++;
        vote.names.add(name);
        votes.set(key, vote);
      }
  }
  const [best] = [...votes.values()].sort((a, b) => b.threads - a.threads || a.place.offset - b.place.offset);
  return best && best.threads >= LEAST_THREADS && best.names.size >= LEAST_NAMES ? best : undefined;
}

/** Bytes from the name to what can't be part of it, in any thread. */
function room(samples: readonly Uint8Array[], offset: number): number {
  let least = LONGEST;
  for (const bytes of samples) {
    const end = Math.max(bytes.indexOf(0, offset), offset);
    const next = bytes.findIndex((byte, at) => at > end && byte !== 0 && (byte < 0x20 || byte > 0x7e));
    if (next >= 0) least = Math.min(least, (next & ~3) - offset);
  }
  return least;
}

/** Lengths that are given to functions together with the field's address, where its offset is long enough to be known by itself. */
function givenLengths(code: KernelCode, text: Range, offset: number, most: number): Map<number, number> {
  const lengths = new Map<number, number>();
  if (offset < LEAST_LONG_OFFSET) return lengths;
  for (const { mnemonic, operands, address } of code.withConstant(text, offset)) {
    const [, source] = operands;
    const takes =
      (mnemonic === 'lea' && source?.kind === 'memory' && source.displacement === offset) ||
      (mnemonic === 'add' && source?.kind === 'immediate' && source.value === offset);
    if (!takes) continue;
    for (const constant of constantsNear(code, address))
      if (constant >= SHORTEST_FIELD && constant <= most) lengths.set(constant, (lengths.get(constant) ?? 0) + 1);
  }
  return lengths;
}

/** Constants that instructions before and after an address move to registers or to the stack. */
function constantsNear(code: KernelCode, address: number): Set<number> {
  const constants = new Set<number>();
  const note = (at: number): number => {
    const instruction = code.at(at);
    if (!instruction) return 0;
    const last = instruction.operands.at(-1);
    if ((instruction.mnemonic === 'mov' || instruction.mnemonic === 'push') && last?.kind === 'immediate')
      constants.add(last.value);
    return instruction.length;
  };
  for (let at = address, count = 0; count < NEAR; count++) at += note(at) || 1;
  // Backwards any byte may begin an instruction: only those that end at the address count.
  for (const length of [2, 5, 7]) if (code.at(address - length)?.length === length) note(address - length);
  return constants;
}

/** The log and place in which the name is looked for: the structure that has the id. */
function ownerLog({ threads, owners }: Observations, { current, processId }: Found) {
  const log = processId?.via === undefined ? threads : owners;
  return log && current && { log, place: placeIndex(log, current) };
}

export default pattern({
  name: 'name',
  parameter: 'name',
  words:
    'A process has the name of the program that it runs: the last part of the path that it gave when it became that program, its first argument, or what it asked to be called. It stands in the structure, or the structure points to it.',
  source: 'p_comm of Unix, comm of Linux, ImageFileName of Windows NT',
  refutation: 'A process that runs a program of another name',
  stage: 'owners',
  needs: ['current', 'processId', 'kernelText'],
  infer(observations, found) {
    const where = ownerLog(observations, found);
    if (!where) return { reason: 'the structures of threads were not seen' };
    const best = bestPlace(where.log, where.place);
    if (!best) return { reason: 'no text in the structure is what the process gave as the name of its program' };
    const { offset, pointer } = best.place;
    const via = found.processId!.via;
    const samples = sampled(where.log, where.place).map(({ sample }) => sample);
    const most = pointer
      ? room(
          samples.flatMap(({ inner }) => inner.get(offset) ?? []),
          0,
        )
      : room(
          samples.map(({ last }) => last),
          offset,
        );
    const lengths = pointer
      ? new Map<number, number>()
      : givenLengths(observations.code, found.kernelText!, offset, most);
    const [given] = [...lengths].sort((a, b) => b[1] - a[1]);
    const length = given?.[0] ?? most;
    return {
      value: { offset, length, pointer, ...(via === undefined ? {} : { via }) },
      confidence: 0.9,
      evidence: [
        { what: `threads named as they gave it themselves: ${[...best.names].join(', ')}`, count: best.threads },
        ...(given ? [{ what: `uses of its address together with the length ${given[0]}`, count: given[1] }] : []),
      ],
    };
  },
});
