// Options combine: a set of builds in which every pair of values of two options occurs, and the trial of one build. As a
// command it tries them all: `node --import tsx guests/pup/testing/combinations.ts`. It takes some minutes.
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { buildPup } from '../build.ts';
import { optionsKey, POINTS, type PupOptions, resolveOptions } from '../options.ts';
import { pupRecords, truthSnapshots } from '../records.ts';
import { PupSession } from './session.ts';
import { toldAccount, Witness } from './witness.ts';

const VALUES: { readonly [name: string]: readonly unknown[] } = {
  ...POINTS,
  framePointers: [true, false],
  split: [3, 2],
  base: [1, 4, 8],
};
const NAMES = Object.keys(VALUES);

/** A value for each option. */
type Choice = { [name: string]: unknown };

const pairKey = (a: string, x: unknown, b: string, y: unknown) => `${a}=${x} ${b}=${y}`;

/** The pairs of values in a choice, as text. */
export const pairsOf = (choice: object): string[] =>
  NAMES.flatMap((a, i) => NAMES.slice(i + 1).map((b) => pairKey(a, (choice as Choice)[a], b, (choice as Choice)[b])));

/** All pairs of values that there are. */
export function allPairs(): Set<string> {
  const pairs = new Set<string>();
  NAMES.forEach((a, i) => {
    for (const b of NAMES.slice(i + 1))
      for (const x of VALUES[a]!) for (const y of VALUES[b]!) pairs.add(pairKey(a, x, b, y));
  });
  return pairs;
}

/** Greedy: starts a build from a pair not seen yet, and gives each other option the value that adds most new pairs. */
export function coveringBuilds(): PupOptions[] {
  const missing = allPairs();
  const builds: PupOptions[] = [];
  for (let first = missing.values().next(); !first.done; first = missing.values().next()) {
    const choice: Choice = {};
    for (const part of first.value.split(' ')) {
      const [name, text] = part.split('=') as [string, string];
      choice[name] = VALUES[name]!.find((value) => String(value) === text);
    }
    for (const name of NAMES.filter((candidate) => !(candidate in choice))) {
      const gain = (value: unknown) => pairsOf({ ...choice, [name]: value }).filter((pair) => missing.has(pair)).length;
      choice[name] = [...VALUES[name]!].sort((x, y) => gain(y) - gain(x))[0];
    }
    for (const pair of pairsOf(choice)) missing.delete(pair);
    builds.push(resolveOptions(choice as Partial<PupOptions>));
  }
  return builds;
}

/**
 * Builds a kernel, runs the program set on it, and compares what the machine's hooks saw with what the kernel counted.
 * @returns what is wrong, as lines of text
 */
export async function tryCombination(options: PupOptions): Promise<string[]> {
  const { image, map } = await buildPup(options);
  await using pup = await PupSession.start(image, { commandLine: 'run=/etc/quiet.sh' });
  const witness = new Witness(pup.machine, map);
  const { output } = await pup.halted();
  const exploits = pupRecords(output, 'villain').filter(({ fields }) => fields.get('stage') === 'ran').length;
  const expected = options.clock === 'quiet' ? 11 : 12;
  const told = truthSnapshots(output).map((snapshot) => toldAccount(snapshot, options));
  return [
    ...(output.includes('\nbadcalls: 0 of 18 wrong\r\n') ? [] : ['bad system calls are not refused as they should be']),
    ...(exploits === expected ? [] : [`${exploits} of ${expected} exploits succeed`]),
    ...(isDeepStrictEqual(witness.accounts, told) ? [] : ['the hooks saw something else than the kernel counted']),
  ];
}

async function tryAll(): Promise<void> {
  const builds = coveringBuilds();
  let bad = 0;
  for (const [index, options] of builds.entries()) {
    const problems = await tryCombination(options).catch((error: Error) => [error.message]);
    console.log(`${index + 1}/${builds.length} ${problems.length === 0 ? 'ok' : 'FAIL'} ${optionsKey(options)}`);
    for (const problem of problems) console.log(`  ${problem}`);
    if (problems.length > 0) bad++;
  }
  process.exitCode = bad > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await tryAll();
