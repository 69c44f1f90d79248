// The verifier of IPR: proves of any module, whoever made it, that it stores nowhere but where EDM's ledger lets it, and does nothing privileged but
// through EDM's gate. EDM trusts this folder and nothing of `../rewrite`; they share the facts of `../facts.ts` and no code.
//
// It does not check types, for the engine does: both must accept a module. Where a rule counts with the engine, its comment says so.
import type { ModuleKind, Refusal } from '../ipr.ts';
import { bodies } from './code.ts';
import { Module } from './module.ts';
import type { Rule } from './rules.ts';
import * as sections from './sections.ts';

export { RULES, type Rule } from './rules.ts';

const HEADER = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0] as const;

/** Sections in the order that they come in, and what to do with each. */
const { types, imports, functions, tables, memories, globals, exports, start, elements, dataCount, data } = sections;
const READ = [types, imports, functions, tables, memories, globals, exports, start, elements, dataCount, bodies, data];
const IDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11] as const;

/**
 * Verifies a module. Its time and memory are linear in the size of the module.
 * @param options `module` is its number: the upper twelve bits of its sites; `without` a rule that is left out, for tests, which show what it is for
 * @returns why it is refused; undefined when it keeps to all rules
 */
export function verify(
  bytes: Uint8Array,
  options: { readonly kind: ModuleKind; readonly module: number; readonly without?: Rule },
): Refusal | undefined {
  const module = new Module(bytes, options.kind, options.module, options.without);
  try {
    verifySections(module);
  } catch (error) {
    if (!module.refusal) throw error;
  }
  return module.refusal;
}

function verifySections(module: Module): void {
  for (const byte of HEADER) if (module.byte() !== byte) module.malformed('the header of something else');
  let next = 0;
  while (module.at < module.bytes.length) {
    const id = module.byte();
    const end = module.u32() + module.at;
    if (end > module.bytes.length) module.malformed('a section that goes beyond the module');
    if (id === 0) module.at = end;
    else {
      while (next < IDS.length && IDS[next] !== id) next++;
      READ[next++]?.(module, end);
      if (module.at !== end)
        module.malformed(`section ${id}, which is not known, comes late, or does not end where it says`);
    }
  }
}
