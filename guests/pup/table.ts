// Boots every variant from power-on and prints what that takes, in Markdown: `node --import tsx guests/pup/table.ts [NAME...]`.
// All numbers are those of the virtual machine, exact to the instruction that prints, so they are the same everywhere. Node only.
import { resolveOptions } from './options.ts';
import { catalogueImage, PROMPT, PupSession } from './testing/session.ts';
import { type PupVariant, VARIANTS } from './variants.ts';

/** What a variant prints once it is ready: those without interrupts take no commands, and halt when they are through. */
const readyText = ({ options }: PupVariant) => (resolveOptions(options).clock === 'quiet' ? 'pup: halted' : PROMPT);

async function row(variant: PupVariant): Promise<string> {
  await using pup = await PupSession.start(await catalogueImage(variant.name));
  const text = readyText(variant);
  const { machine } = pup;
  machine.on('serial-output', () => (machine.console.text.endsWith(text) ? 'stop' : undefined));
  await machine.run();
  const { instructions, time } = machine.cpu;
  return `| \`${variant.name}\` | \`${text.trim()}\` | ${instructions.toLocaleString('en')} | ${time.toFixed(2)} |`;
}

const names = process.argv.slice(2);
const unknown = names.find((name) => !VARIANTS.some((variant) => variant.name === name));
if (unknown !== undefined) {
  throw new Error(`no variant ${unknown}: expected some of ${VARIANTS.map(({ name }) => name).join(', ')}`);
}
console.log('| variant | ready when it prints | instructions | virtual ms |\n|---|---|---:|---:|');
for (const variant of VARIANTS) if (names.length === 0 || names.includes(variant.name)) console.log(await row(variant));
