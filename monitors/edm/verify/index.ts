// The verifier of IPR: proves of any module, whoever made it, that it stores nowhere but where EDM's ledger lets it, and does nothing privileged but
// through EDM's gate. EDM trusts this folder and nothing of `../rewrite`; they share the facts of `../facts.ts` and no code.
//
// It does not check types, for the engine does: both must accept a module. Where a rule counts with the engine, its comment says so.
import type { ModuleKind, Refusal } from '../ipr.ts';
import { bodies } from './code.ts';
import { Module } from './module.ts';
import { BEFORE_CODE, data, dataCount } from './sections.ts';

export { RULES, type Rule } from './rules.ts';

/** What to do with each section, by its number. That they come in order, and once, the engine sees to. */
const [CUSTOM, READ] = [0, [undefined, ...BEFORE_CODE, bodies, data, dataCount]] as const;

/**
 * Verifies a module. Its time and memory are linear in the size of the module.
 * @param options `module` is its number: the upper twelve bits of its sites
 * @returns why it is refused; undefined when it keeps to all rules
 */
export function verify(
  bytes: Uint8Array,
  options: { readonly kind: ModuleKind; readonly module: number },
): Refusal | undefined {
  const module = new Module(bytes, options.kind, options.module);
  try {
    while (module.at < bytes.length) {
      const id = module.byte();
      const end = module.u32() + module.at;
      if (end > bytes.length) module.refuse('format', 'a section that goes beyond the module');
      if (id === CUSTOM) module.at = end;
      else READ[id]?.(module, end);
      if (module.at !== end) module.refuse('format', `section ${id}, unknown, or not ending where it says`);
    }
  } catch (error) {
    if (!module.refusal) throw error;
  }
  return module.refusal;
}
