// For tests: modules written as restricted code is, by hand, in the text format. What a rewriter would never make is made here.
import wabt from 'wabt';
import { GATE_SLOT } from '../facts.ts';
import type { ModuleKind } from '../ipr.ts';

const { parseWat } = await wabt();

const FEATURES = {
  simd: true,
  threads: true,
  bulk_memory: true,
  reference_types: true,
  mutable_globals: true,
  tail_call: true,
  multi_memory: true,
  exceptions: true,
};

/** The module number that these modules are made for. */
export const NUMBER = 3;

/** `i32.const` of a site of such a module. */
export const siteOf = (ordinal: number): string => `(i32.const ${(NUMBER << 20) | ordinal})`;

const MEMORY: Readonly<Record<ModuleKind, string>> = {
  core: '',
  jit: '(import "e" "m" (memory 1))',
  extension: '(import "v86" "memory" (memory 1))',
};

const SLOTS = Object.keys(GATE_SLOT).length;

/** Calls a slot of the gate with what is on the stack, and a site. */
export const gateCall = (slot: keyof typeof GATE_SLOT, ordinal: number): string =>
  `${siteOf(ordinal).slice(1, -1)} i32.const ${GATE_SLOT[slot]} call_indirect $gate (type $gate)`;

/** Parts of a module; what is not given is as it should be. */
export interface Parts {
  readonly kind?: ModuleKind;
  /** Imports, between memory and EDM's. */
  readonly imports?: string;
  readonly memory?: string;
  readonly edm?: string;
  /** What else. */
  readonly fields?: string;
}

export const assemble = (text: string): Uint8Array<ArrayBuffer> => {
  const module = parseWat('restricted.wat', text, FEATURES);
  try {
    return new Uint8Array(module.toBinary({}).buffer);
  } finally {
    module.destroy();
  }
};

/** Assembles a module in the shape of restricted code. */
export function restrictedModule(parts: Parts): Uint8Array<ArrayBuffer> {
  const { kind = 'extension', imports = '', fields = '' } = parts;
  const memory = parts.memory ?? MEMORY[kind];
  const edm =
    parts.edm ?? `(import "edm" "gate" (table $gate ${SLOTS} funcref)) (import "edm" "ledger" (global $ledger i32))`;
  const own = kind === 'core' && parts.memory === undefined ? '(memory (export "memory") 64)' : '';
  return assemble(`(module
    (type $gate (func (param i32 i32 i32 i32) (result i32)))
    ${memory} ${imports} ${edm} ${own} ${fields})`);
}

/** A guarded store of the locals `$a` and `$v`. */
export function guarded(store: string, width: number, ordinal: number, offset = 0): string {
  const address = offset === 0 ? 'local.get $a' : `local.get $a i32.const ${offset} i32.add`;
  return `block ${address} i32.const 12 i32.shr_u global.get $ledger i32.add i32.load16_u align=1 i32.const 0x8080 i32.and
    if ${address} i32.const ${width} i32.const 0 ${gateCall('check', ordinal)} i32.eqz br_if 1 end
    local.get $a local.get $v ${store}${offset === 0 ? '' : ` offset=${offset}`} end`;
}

/** A guarded store of the locals `$a` and `$v` by a guard that lets a range pass, from its first byte to the last at which a store may begin. */
export const guardedByRange = (store: string, width: number, ordinal: number, first = 64, last = 92): string =>
  guarded(store, width, ordinal, 64).replace(
    /i32\.const 12 .*?0x8080 i32\.and/s,
    `i32.const ${first} i32.sub i32.const ${last - first} i32.gt_u`,
  );

/** A bulk operation on the locals `$a`, `$v` and `$n`, behind the gate's leave. */
export const leave = (operation: string, ordinal: number): string =>
  `block local.get $a local.get $n i32.const 0 ${gateCall('check', ordinal)} i32.eqz br_if 0 local.get $a local.get $v local.get $n ${operation} end`;
