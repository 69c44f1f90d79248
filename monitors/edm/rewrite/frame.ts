// The names under which rewritten code knows EDM, and the number of the module it is in.
/** v86.wasm, a module of its JIT, or one loaded beside it. */
export type ModuleKind = 'core' | 'jit' | 'extension';

/** Indices and numbers that the forms of one module are written with. */
export interface Frame {
  readonly kind: ModuleKind;
  /** The module's number, in the upper twelve bits of its sites. */
  readonly module: number;
  /** Type index of the gate's functions. */
  readonly gateType: number;
  /** Table index of the gate. */
  readonly gate: number;
  /** Global index of the ledger's address. Globals from here on moved up by one. */
  readonly ledger: number;
  /** Global that the module may write, by its old index: v86's shadow stack pointer. -1 for none. */
  readonly stackPointer: number;
}
