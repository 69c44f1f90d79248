// One study of a pup on which programs were started: for the tests and for bench/keylogger.ts. Node only.
import { catalogueImage, catalogueMap, PROMPT, PupSession } from '../../../guests/pup/testing/session.ts';
import type { Parameters } from '../../parameters.ts';
import { parametersOf, pupValues } from '../../testing/pup-parameters.ts';
import { Activity } from '../activity.ts';
import type { Expectation } from '../expectation.ts';
import type { Judgement } from '../judge.ts';
import { Study, type StudyOptions } from '../study.ts';

/** What to study. */
export interface PupStudy extends StudyOptions {
  /** A variant of the catalogue. @default 'pup' */
  readonly variant?: string;
  /** Lines typed at the shell before the bait is laid; the last one's program may keep the terminal. */
  readonly lines: readonly string[];
  /** Left out: training. */
  readonly expectation?: Expectation | undefined;
  readonly jit?: boolean;
  /** Those of the variant when left out. */
  readonly parameters?: Parameters;
}

/** Virtual milliseconds that a line gets to start its program. */
const START = 300;

/** Runs a study from power-on. */
export async function studyPup(wanted: PupStudy): Promise<Judgement & { readonly keysRead: number }> {
  const { variant = 'pup', lines, expectation, jit = true, ...options } = wanted;
  const image = await catalogueImage(variant);
  const parameters = wanted.parameters ?? parametersOf(await pupValues(await catalogueMap(variant), image));
  await using pup = await PupSession.start(image, { jit });
  await pup.until(PROMPT);
  using activity = new Activity(pup.machine, parameters);
  for (const line of lines) {
    pup.type(`${line}\n`);
    await pup.machine.run({ for: START });
  }
  using study = new Study(pup.machine, activity, options);
  await pup.machine.run({ until: () => study.bait.over });
  return { ...study.judge(expectation)!, keysRead: activity.keysRead };
}
