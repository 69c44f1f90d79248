// Kernels unlike each other are inferred, and all that is said to be known is true by their maps. Every guest of the catalogue: bench/infer.ts.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { judge, type Verdict } from '../../bench/truth/judge.ts';
import { pupTruth } from '../../bench/truth/pup.ts';
import { catalogueImage, catalogueMap, PROMPT, PupSession } from '../../guests/pup/testing/session.ts';
import { locate, PARAMETER_NAMES, parseProfile, profileText } from '../profile/index.ts';
import { type AnyPattern, infer, makeProfile, PATTERNS, pattern } from './index.ts';

const start = (name: string) => async () => {
  const session = await PupSession.start(await catalogueImage(name));
  if (!name.includes('quiet')) await session.until(PROMPT);
  return session.machine;
};

const guest = (name: string) => ({ name, prompt: name.includes('quiet') ? undefined : PROMPT, start: start(name) });

/** What comes of the id of the group: there are no groups, or no program that was run has more than one thread. */
const GROUPS: Readonly<Record<string, Verdict>> = { pup: 'none', 'pup-alien': 'absent', 'pup-callgate': 'none' };

for (const [name, group] of Object.entries(GROUPS))
  test(`${name}: everything that can be known is, and is true`, async () => {
    const truth = await pupTruth(await catalogueMap(name), await start(name)());
    const inference = await infer(guest(name), PATTERNS);
    const { conclusions, observations } = inference;
    const verdicts = PARAMETER_NAMES.map((parameter) => {
      const { finding } = conclusions.get(parameter)!;
      return [parameter, judge(truth, parameter, 'value' in finding ? (finding.value as never) : undefined)] as const;
    });
    for (const [parameter, verdict] of verdicts)
      assert.is(
        verdict,
        parameter === 'threadGroup' ? group : 'right',
        `${parameter}: ${JSON.stringify(conclusions.get(parameter)!.finding)}`,
      );
    for (const { finding } of conclusions.values()) if ('reason' in finding) assert.ok(finding.reason.length > 10);
    // The profile survives a file, and another boot of the same kernel finds the same values.
    const profile = parseProfile(profileText(await makeProfile(name, inference)), 'file');
    const other = await start(name)();
    const parameters = locate(profile, other);
    for (const [parameter, { finding }] of conclusions) {
      const found = parameters[parameter];
      if ('value' in finding) assert.equal(found.state === 'known' && found.value, finding.value, parameter);
      else assert.is(found.state, 'unknown', parameter);
    }
    await Promise.all([other.close(), observations.machine.close()]);
  });

test('a pattern of a user counts where it is more confident, and is asked only for what it needs', async () => {
  const asked: string[] = [];
  const better = pattern({
    ...{
      name: 'mine',
      parameter: 'idleLoop',
      words: 'of the test',
      source: 'the test',
      refutation: 'none',
      stage: 'kernel',
      needs: ['kernelText'],
    },
    infer: (_, { kernelText }) => {
      asked.push('better');
      return { value: kernelText!, confidence: 0.99, evidence: [] };
    },
  });
  const never: AnyPattern = { ...better, name: 'never', needs: ['keyMover'] };
  const { conclusions, observations } = await infer({ ...guest('pup-quiet') }, [...PATTERNS, better, never]);
  assert.equal(asked, ['better']);
  assert.is(conclusions.get('idleLoop')!.pattern, better);
  assert.match(JSON.stringify(conclusions.get('keyMover')!.finding), /it takes keyboardVector, which is unknown/);
  await observations.machine.close();
});

test.run();
