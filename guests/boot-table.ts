// Boots guests of the catalogue from power-on and prints a table of how long that takes, in Markdown: `npm run guests:table [NAME...]`.
// Instructions and virtual time are the same on every machine; host seconds are not. Fetches what is not there. Node only.

import { guestNames } from './index.ts';
import { endOf, loadMachine } from './testing/boot.ts';

/** Virtual milliseconds that a guest without a prompt is watched. */
const WATCHED = 5_000;
const LIMIT = 120_000;
const HEAD = [
  '| guest | what it is | RAM, MiB | ready after | million instructions | virtual s | host s |',
  '|---|---|---:|---|---:|---:|---:|',
];

async function row(name: string): Promise<string> {
  const { machine, prepared } = await loadMachine(name);
  const { guest, memorySize, prompt } = prepared;
  const start = performance.now();
  const limits = prompt === undefined ? { for: WATCHED } : { until: prompt, for: LIMIT };
  const end = await endOf(machine.run(limits));
  const seconds = (performance.now() - start) / 1000;
  const { instructions, time } = machine.cpu;
  await machine.close();
  const ready =
    end === 'until'
      ? `\`${prompt!.trim()}\``
      : end === 'for' && prompt === undefined
        ? 'never'
        : String(end).split(':')[0];
  const numbers = [instructions / 1e6, time / 1000, seconds].map((value) => value.toFixed(1));
  return `| ${[`\`${name}\``, guest.title, memorySize / 2 ** 20, ready, ...numbers].join(' | ')} |`;
}

const names = process.argv.slice(2);
for (const line of HEAD) console.log(line);
for (const name of names.length > 0 ? names : guestNames()) console.log(await row(name));
process.exit(0);
