// Modules loaded beside v86, as a VMM loads its own: VMM code like any other, and no more trusted.
import { checked, type Ipr } from './ipr.ts';

/** A module that runs beside v86. */
export interface Extension {
  /** Its number in sites. */
  readonly number: number;
  readonly name: string;
  readonly exports: WebAssembly.Exports;
  /** Calls an exported function of no parameters between two slices. What it throws, a trap say, is passed on. */
  run(name?: string): void;
}

interface Loading {
  readonly number: number;
  readonly name: string;
  readonly imports: WebAssembly.Imports;
  /** undefined: it is loaded as it is. */
  readonly ipr: Ipr | undefined;
}

/** Loads a module. @throws ModuleRefused when the verifier refuses it; what the engine throws for one that is no module */
export function loadExtension(bytes: Uint8Array, loading: Loading, edm: { suspended(): void }): Extension {
  const { number, name, imports, ipr } = loading;
  // The caller may hold on to its bytes: what is verified is what is compiled.
  const copy = bytes.slice();
  const code = ipr ? checked(copy, 'extension', number, name, ipr) : copy;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code as BufferSource), imports);
  return {
    number,
    name,
    exports,
    run(entry = 'attack') {
      const attack = exports[entry];
      if (typeof attack !== 'function') throw new TypeError(`${name}: expected a function exported as ${entry}`);
      try {
        attack();
      } finally {
        edm.suspended();
      }
    },
  };
}
