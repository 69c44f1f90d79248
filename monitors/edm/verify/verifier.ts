// Goes over the sections of a module.
import type { ModuleKind, Refusal } from '../ipr.ts';
import { bodies } from './code.ts';
import { Module, Refused } from './module.ts';
import type { Rule } from './rules.ts';
import { data, elements, exports, functions, globals, imports, memories, types } from './sections.ts';

const HEADER = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0] as const;

/** What to do with each section, in the order that they come in. */
const SECTIONS: readonly (readonly [number, (module: Module, end: number) => void])[] = [
  [1, types],
  [2, imports],
  [3, functions],
  [4, (module, end) => refuseWhole(module, end, 'tables')],
  [5, memories],
  [6, globals],
  [7, exports],
  [8, (module, end) => refuseWhole(module, end, 'start')],
  [9, elements],
  [12, (module) => module.u32()], // how many data segments there are
  [10, bodies],
  [11, data],
];

/** Sections that no module may have. */
function refuseWhole(module: Module, end: number, rule: Rule): void {
  module.refuse(rule, module.at, 'a section that is not allowed');
  module.skipTo(end);
}

/** @param without a rule that is left out, for tests: they show what it is for */
export function verifyWithout(
  without: Rule | undefined,
  bytes: Uint8Array,
  options: { readonly kind: ModuleKind; readonly module: number },
): Refusal | undefined {
  const module = new Module(bytes, options.kind, options.module, without);
  try {
    verifySections(module);
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

function verifySections(module: Module): void {
  for (const byte of HEADER) if (module.byte() !== byte) module.malformed('not a module of version 1');
  let next = 0;
  while (module.at < module.bytes.length) {
    const id = module.byte();
    const size = module.u32();
    const end = module.at + size;
    if (end > module.bytes.length) module.malformed('a section that goes beyond the module');
    if (id !== 0) {
      while (next < SECTIONS.length && SECTIONS[next]![0] !== id) next++;
      const known = SECTIONS[next++];
      if (!known) module.malformed(`section ${id} is not known here, or comes late`);
      known[1](module, end);
      if (module.at !== end) module.malformed(`section ${id} does not end where it says`);
    } else module.skipTo(end);
  }
}
