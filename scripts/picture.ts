// Draws the README's picture: what a command prints, as an SVG of a terminal.
// Usage: npm run picture (writes docs/first-run.svg from a real run of `wolfden spaces pup`).
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = `${root}docs/first-run.svg`;
const command = ['cli/index.ts', 'spaces', 'pup', '--rows', '8'];

/** Sizes in SVG user units. */
const CELL = { width: 8.4, height: 18 } as const;
const MARGIN = 16;

const escapeXml = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** A terminal with these lines; the first is what was typed. */
function draw(lines: readonly string[]): string {
  const columns = Math.max(...lines.map((line) => line.length));
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = lines.length * CELL.height + 2 * MARGIN;
  const rows = lines.map((line, row) => {
    const y = MARGIN + (row + 0.75) * CELL.height;
    const fill = row === 0 ? '#8fd18f' : '#e6e6e6';
    return `  <text x="${MARGIN}" y="${y}" fill="${fill}" xml:space="preserve">${escapeXml(line)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    '  font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14">',
    '  <title>wolfden spaces: the address spaces of a small system while a script forks</title>',
    `  <rect width="${width}" height="${height}" rx="8" fill="#1b1f24"/>`,
    ...rows,
    '</svg>',
    '',
  ].join('\n');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with ESC.
const colours = /\x1b\[[0-9;]*m/g;
const output = execFileSync(process.execPath, ['--import', 'tsx', ...command], { cwd: root, encoding: 'utf8' });
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, draw(['$ npm start', '', ...output.replace(colours, '').trimEnd().split('\n')]));
console.log(`wrote ${target}`);
