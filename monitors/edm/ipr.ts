// Instrumentation-based privilege restriction as EDM uses it: rewrite, verify, compile.
import { ModuleRefused } from './failure.ts';
import type { SiteFinder } from './sites.ts';

/** v86.wasm, a module of its JIT, or one loaded beside it. */
export type ModuleKind = 'core' | 'jit' | 'extension';

/** Why the verifier refuses a module. */
export interface Refusal {
  readonly rule: string;
  readonly functionIndex: number;
  /** Byte offset in the rewritten module. */
  readonly offset: number;
  readonly reason: string;
}

/** Rewriter and verifier. */
export interface Ipr {
  readonly restrict: (
    bytes: Uint8Array,
    options: { readonly kind: ModuleKind; readonly module: number; readonly source: string },
  ) => Uint8Array;
  readonly verify: (
    bytes: Uint8Array,
    options: { readonly kind: ModuleKind; readonly module: number },
  ) => Refusal | undefined;
  readonly siteOf: SiteFinder;
}

const compiled = new WeakMap<Uint8Array, Promise<WebAssembly.Module>>();

/** Compiles v86.wasm restricted, once for each copy of its bytes. @throws ModuleRefused when it does not pass */
export function restricted(wasm: Uint8Array, ipr: Ipr): Promise<WebAssembly.Module> {
  const known = compiled.get(wasm);
  if (known) return known;
  const bytes = checked(wasm, 'core', 0, 'v86.wasm', ipr);
  const module = WebAssembly.compile(bytes as BufferSource);
  compiled.set(wasm, module);
  return module;
}

/**
 * Has a module verified, rewritten first; what v86's JIT emits keeps to the rules as it is.
 * @returns what may be compiled
 * @throws ModuleRefused
 */
export function checked(bytes: Uint8Array, kind: ModuleKind, module: number, source: string, ipr: Ipr): Uint8Array {
  if (kind === 'jit' && ipr.verify(bytes, { kind, module }) === undefined) return bytes;
  const code = ipr.restrict(bytes, { kind, module, source });
  const refusal = ipr.verify(code, { kind, module });
  if (!refusal) return code;
  const { rule, functionIndex, offset, reason } = refusal;
  throw new ModuleRefused(`${source}: function ${functionIndex}, offset ${offset}: ${reason} (rule "${rule}")`, offset);
}
