// The outcomes of attacks as a table for people, and the list of wolves.
import { ABSENT_ROWS, ATTACK_ROWS, type AttackRow, WOLVES } from '../../guests/wolves/catalogue.ts';
import { describeWolf } from '../../guests/wolves/load.ts';
import { colours } from '../colours.ts';
import { plainTable } from '../table.ts';
import type { OutcomeName } from './outcome.ts';
import type { AttackResult } from './session.ts';
import { type Setting, settingName } from './settings.ts';

const COLOUR: Readonly<Record<OutcomeName, (text: string) => string>> = {
  'stopped and alarmed': colours.green,
  stopped: colours.green,
  harmless: (text) => text,
  lost: colours.red,
};

/** One row for each wolf, one column for each setting. */
export function attackTable(results: readonly AttackResult[], settings: readonly Setting[]): string {
  const wolves = [...new Set(results.map(({ wolf }) => wolf))];
  const of = (wolf: string, setting: Setting) => results.find((one) => one.wolf === wolf && one.setting === setting);
  const rows = wolves.map((wolf) => [
    wolf,
    ...settings.map((setting) => {
      const result = of(wolf, setting);
      return result ? cell(result) : '';
    }),
    culpritOf(results.find((one) => one.wolf === wolf && one.culprit)),
  ]);
  const table = plainTable({ head: ['wolf', ...settings.map(settingName), 'alarm, culprit'] }, rows);
  return `${table}\n\n${summary(results, settings)}\n`;
}

const cell = ({ outcome, lost, expected }: AttackResult): string =>
  COLOUR[outcome](outcome === 'lost' ? `lost: ${lost.join(', ')}` : outcome) +
  (expected === false ? colours.red(' (!)') : '');

const culpritOf = (result: AttackResult | undefined): string =>
  result?.culprit
    ? `${result.alarm}: ${result.culprit.module}, ${result.culprit.name} at ${result.culprit.offset}`
    : '';

function summary(results: readonly AttackResult[], settings: readonly Setting[]): string {
  const lines = settings.map((setting) => {
    const own = results.filter((result) => result.setting === setting);
    const lost = own.filter(({ outcome }) => outcome === 'lost').length;
    return `${settingName(setting)}: ${own.length} attacks, ${lost} lost`;
  });
  const wrong = results.filter(({ expected }) => expected === false);
  if (wrong.length > 0)
    lines.push(
      `not as expected (!): ${wrong.map(({ wolf, setting }) => `${wolf} (${settingName(setting)})`).join('; ')}`,
    );
  return lines.join('\n');
}

/** All wolves by the rows of the paper's list, with the rows that have none. */
export async function wolfList(): Promise<string> {
  const rows: string[][] = [];
  const add = async (row: AttackRow | undefined): Promise<void> => {
    for (const wolf of WOLVES)
      if (wolf.row === row) rows.push([row === undefined ? '' : String(row), wolf.name, await describeWolf(wolf.name)]);
  };
  await add(undefined);
  for (const row of Object.keys(ATTACK_ROWS).map(Number) as AttackRow[]) {
    await add(row);
    const absent = ABSENT_ROWS[row];
    if (absent) rows.push([String(row), `(${ATTACK_ROWS[row]})`, `no wolf: ${absent}`]);
  }
  return `${plainTable({ head: ['row', 'wolf', 'what it does'], widths: [5, 22, 100] }, rows)}\n`;
}
