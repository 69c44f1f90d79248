// A profile for people: each parameter in a line, and with an explanation why.
import { virt } from '../emulator/index.ts';
import { type AnyPattern, PATTERNS } from '../monitors/patterns/index.ts';
import {
  type Anchor,
  addressIn,
  located,
  PARAMETER_FORMS,
  PARAMETER_NAMES,
  type Profile,
} from '../monitors/profile/index.ts';
import { colours } from './colours.ts';

/** Numbers from here on are addresses or masks. */
const LEAST_HEX = 4096;
/** Longer lists are cut. */
const MOST_ITEMS = 6;

function shown(value: unknown): string {
  if (typeof value === 'number')
    return Number.isInteger(value) && value >= LEAST_HEX ? `0x${value.toString(16)}` : String(value);
  if (Array.isArray(value)) {
    const items = value.slice(0, MOST_ITEMS).map(shown).join(', ');
    return value.length > MOST_ITEMS ? `${items}, and ${value.length - MOST_ITEMS} more` : items || 'none';
  }
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).map(([name, part]) => `${name} ${shown(part)}`);
  return `{ ${fields.join(', ')} }`;
}

/**
 * The profile as text.
 * @param explain whether to say for each parameter what pattern gave it, what was seen and what would refute it.
 * @param patterns that were asked beside ours.
 */
export function inferenceText(
  profile: Profile,
  anchor: Anchor,
  explain: boolean,
  patterns: readonly AnyPattern[] = [],
): string {
  const lines: string[] = [];
  let known = 0;
  for (const name of PARAMETER_NAMES) {
    const parameter = profile.parameters[name];
    const title = colours.bold(name.padEnd(17));
    if (parameter.state === 'unknown') lines.push(`${title} unknown: ${parameter.reason}`);
    else {
      known++;
      const value = shown(located(name, parameter.value as never, virt(anchor.address)));
      const trust = parameter.source === 'override' ? 'yours' : `${Math.round(100 * parameter.confidence)} %`;
      lines.push(`${title} ${value}  ${colours.dim(`(${trust})`)}`);
    }
    if (!explain) continue;
    const pattern = [...PATTERNS, ...patterns].find((one) => one.name === parameter.pattern);
    lines.push(`  what       ${PARAMETER_FORMS[name].about}`);
    if (pattern) lines.push(`  pattern    ${pattern.name}: ${pattern.words}`, `  source     ${pattern.source}`);
    if (parameter.state === 'known') {
      for (const { what, at, count } of parameter.evidence) {
        const where = at === undefined ? '' : ` at 0x${addressIn(at, virt(anchor.address)).toString(16)}`;
        lines.push(`  seen       ${count === undefined ? '' : `${count} `}${what}${where}`);
      }
      lines.push(`  refuted by ${parameter.refutation}`);
    }
    lines.push('');
  }
  lines.push(`${profile.guest}: ${known} of ${PARAMETER_NAMES.length} parameters known.`);
  return lines.join('\n');
}
