// The heart of the reproduction: every wolf in each setting. With IPR nothing is lost; without, every wolf that is not tame wins. A wolf that wins takes a
// machine with it, which is what this test's time goes to: so without IPR a place that is drawn at random is tried with every third wolf only. `wolfden attack`
// runs all.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findGuest, prepareGuest } from '../../guests/index.ts';
import { ABSENT_ROWS, ATTACK_ROWS, WOLVES } from '../../guests/wolves/catalogue.ts';
import { readWolf } from '../../guests/wolves/load.ts';
import { assembleWat, WolfError } from '../../guests/wolves/wat.ts';
import { loadEdmAssets } from '../../monitors/edm/node/assets.ts';
import { type AttackResult, type AttackSession, runAttacks } from './session.ts';
import { SETTINGS, type Setting, settingName } from './settings.ts';

const session: AttackSession = {
  guest: await prepareGuest(await findGuest('pup')),
  assets: await loadEdmAssets(),
  seed: 1,
};

async function all(results: AsyncGenerator<AttackResult>): Promise<AttackResult[]> {
  const list: AttackResult[] = [];
  for await (const result of results) list.push(result);
  return list;
}

const lineOf = ({ wolf, setting, outcome, lost, ended }: AttackResult): string =>
  `${wolf}, ${settingName(setting)}: ${outcome} ${lost.join(', ')} ${ended ?? ''}`;

const attackers = WOLVES.map((wolf) => ({ wolf }));
const isSampled = ({ ipr, asr }: Setting): boolean => !ipr && asr;
const results = [
  ...(await all(
    runAttacks(
      session,
      attackers,
      SETTINGS.filter((setting) => !isSampled(setting)),
    ),
  )),
  ...(await all(
    runAttacks(
      session,
      attackers.filter((_, i) => i % 3 === 0),
      SETTINGS.filter(isSampled),
    ),
  )),
];

test('every wolf comes out as it must in every setting', () => {
  assert.is(results.length, 3 * WOLVES.length + Math.ceil(WOLVES.length / 3));
  assert.equal(results.filter(({ expected }) => !expected).map(lineOf), []);
});

test('with IPR nothing is ever lost', () => {
  assert.equal(results.filter(({ setting, outcome }) => setting.ipr && outcome === 'lost').map(lineOf), []);
});

test('alarms over stores name the function and the offset of the culprit', () => {
  // Devices have no function in the VMM's code.
  const stored = ({ wolf, alarm }: AttackResult) => alarm?.endsWith(' store') && !wolf.startsWith('dma');
  const alarmed = results.filter((result) => stored(result) || result.alarm === 'refused operation');
  assert.ok(alarmed.length > 80, `${alarmed.length} alarms`);
  for (const { wolf, culprit } of alarmed) {
    assert.ok(culprit && culprit.offset > 8, wolf);
    if (!wolf.startsWith('deputy') && !wolf.startsWith('stack'))
      assert.is(culprit?.name, wolf.startsWith('jit') ? 'f' : 'attack', wolf);
  }
});

test('every row of the paper’s list has a wolf or the reason why not', () => {
  for (const row of Object.keys(ATTACK_ROWS).map(Number))
    assert.ok(row in ABSENT_ROWS || WOLVES.some((wolf) => wolf.row === row), `row ${row}`);
});

test('a wolf of one’s own is judged by the same reference copy', async () => {
  const bytes = await assembleWat(
    'mine.wat',
    '(module (import "v86" "memory" (memory 1)) (func (export "attack") (i32.store8 (i32.const 612) (i32.const 2))))',
  );
  const mine = await all(runAttacks(session, [{ wolf: { name: 'mine', way: 'extension' }, bytes }], SETTINGS));
  assert.equal(
    mine.map(({ outcome }) => outcome),
    ['stopped and alarmed', 'stopped and alarmed', 'lost', 'lost'],
  );
});

test('a file that is no wolf is refused with what is wrong', async () => {
  for (const [path, message] of [
    ['nowhere.wasm', /nowhere\.wasm: expected a wolf/],
    [new URL('./attack.test.ts', import.meta.url).pathname, /attack\.test\.ts:1:1: error/],
  ] as const)
    try {
      await readWolf(path);
      assert.unreachable(`${path} was taken`);
    } catch (error) {
      assert.instance(error, WolfError);
      assert.match((error as Error).message, message);
    }
});

test.run();
