// Who did it: from the number of an operation to the function and the offset in the module that it is in.

/** An operation of VMM code. */
export interface Site {
  /** `v86.wasm`, `compiled code in slot 5`, or the name of an extension. */
  readonly module: string;
  readonly functionIndex: number;
  /** Of the name section; `function 12` where it has none. */
  readonly name: string;
  /** Byte offset in the module as it was before it was rewritten. */
  readonly offset: number;
}

/** Finds the operation of a number in a module's bytes. */
export type SiteFinder = (bytes: Uint8Array, site: number) => Omit<Site, 'module'> | undefined;

/** The first module number of extensions; below it, from 1 on, is compiled code. */
export const FIRST_EXTENSION = 0x800;

/** The modules that run, by number. */
export class Sites {
  readonly #modules = new Map<number, { readonly name: string; readonly bytes: Uint8Array }>();
  readonly #known = new Map<number, Site | undefined>();
  readonly #find: SiteFinder;

  constructor(find: SiteFinder) {
    this.#find = find;
  }

  /** Notes what runs under a number from now on. @param bytes as they were before rewriting */
  set(number: number, name: string, bytes: Uint8Array): void {
    for (const site of this.#known.keys()) if (site >>> 20 === number) this.#known.delete(site);
    this.#modules.set(number, { name, bytes });
  }

  /** The operation of a site number. */
  of(site: number): Site | undefined {
    if (this.#known.has(site)) return this.#known.get(site);
    const module = this.#modules.get(site >>> 20);
    const found = module && this.#find(module.bytes, site);
    const result = found && { module: module.name, ...found };
    this.#known.set(site, result);
    return result;
  }
}
