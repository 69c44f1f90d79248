// The policies by name: each in a file of its own, with the part that must be fast in `assembly/`.
import { audit } from './audit.ts';
import { code } from './code.ts';
import { dma } from './dma.ts';
import { frames } from './frames.ts';
import { isolation } from './isolation.ts';
import type { Policy } from './policy.ts';
import { transitions } from './transitions.ts';

export type { Policy } from './policy.ts';

export const POLICIES = { code, isolation, transitions, dma, frames, audit } as const satisfies Readonly<
  Record<string, Policy>
>;

/** The name of a policy. */
export type PolicyName = keyof typeof POLICIES;

export const POLICY_NAMES = Object.keys(POLICIES) as readonly PolicyName[];

/** The bits of policies. @throws RangeError for a name that is none */
export function policyBits(names: readonly string[]): number {
  let bits = 0;
  for (const name of names) {
    const policy = (POLICIES as Readonly<Record<string, Policy>>)[name];
    if (!policy) throw new RangeError(`policy: expected some of ${POLICY_NAMES.join(', ')}; found ${name}`);
    bits |= policy.bit;
  }
  return bits;
}
