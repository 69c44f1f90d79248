// The rules, by name. What each is for is shown by `rules.test.ts`, which leaves it out.

/** What a module must keep to. */
export const RULES = {
  format: 'sections, types and instructions that this verifier knows, in the order of the specification',
  imports: 'functions, tables, memory and globals of the allow-list for the kind of module, each but functions once',
  memory: 'one memory: v86.wasm defines it, all others import it',
  tables: 'no table of its own, and no table.get',
  'table-writes': 'no table.set, init, copy, grow, fill, and no elem.drop',
  start: 'no start function',
  data: 'active data segments in v86.wasm only, at constant safe addresses',
  elements: 'active element segments in v86.wasm only, of the main table',
  initialisers: 'globals start from constants',
  exports: 'nothing of EDM, and no table of hooks, under another name',
  stores: 'every store is guarded in the accepted form, or has a constant safe address',
  bulk: 'memory.fill, copy and init in the accepted form only',
  grow: 'no memory.grow',
  globals: 'no global is set but the shadow stack pointer',
  ledger: 'the address of the ledger is read by guards only',
  hooks: 'the table of hooks is called by v86.wasm only, through the global of a slot',
  gate: 'each call of the gate has a constant slot, and right before it the number of its site: they go up by one, in code order',
} as const;

export type Rule = keyof typeof RULES;
