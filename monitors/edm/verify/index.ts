// The verifier of IPR: proves of any module, whoever made it, that it stores nowhere but where EDM's ledger lets it, and does nothing privileged but
// through EDM's gate. EDM trusts this folder and nothing of `../rewrite`; they share the facts of `../facts.ts` and no code.
//
// It does not check types, for the engine does: both must accept a module. Where a rule counts with the engine, its comment says so.
import type { ModuleKind, Refusal } from '../ipr.ts';
import { verifyWithout } from './verifier.ts';

export { RULES, type Rule } from './rules.ts';

/**
 * Verifies a module. Its time and memory are linear in the size of the module.
 * @param options `module` is its number: the upper twelve bits of its sites
 * @returns why it is refused; undefined when it keeps to all rules
 */
export const verify = (
  bytes: Uint8Array,
  options: { readonly kind: ModuleKind; readonly module: number },
): Refusal | undefined => verifyWithout(undefined, bytes, options);
