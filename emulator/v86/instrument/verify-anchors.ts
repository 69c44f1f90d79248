// Proves before anything is rewritten that v86.wasm has what the anchors name, where they say.
import { formatType, functionsByName, type MemorySite, scanStores, typeOf, type WasmModule } from '../../wasm/index.ts';
import { FUNCTION_ANCHORS, type FunctionAnchor, type FunctionName, STORE_ANCHORS, type StoreName } from '../anchors.ts';

/** An anchor that is not where it was: which one, what was expected and what was found. */
export interface MovedAnchor {
  readonly anchor: string;
  readonly expected: string;
  readonly found: string;
}

/** v86.wasm is not the one that the hooks were made for. */
export class AnchorError extends Error {
  override readonly name = 'AnchorError';
  /** Every anchor that moved. */
  readonly moved: readonly MovedAnchor[];

  constructor(source: string, moved: readonly MovedAnchor[]) {
    const lines = moved.map((m) => `  ${m.anchor}: expected ${m.expected}, found ${m.found}`);
    super(`${source}: ${moved.length} of v86's anchors moved; install the pinned version of v86\n${lines.join('\n')}`);
    this.moved = moved;
  }
}

/** Where the anchors are in one v86.wasm. */
export interface Anchors {
  readonly functions: Readonly<Record<FunctionName, number>>;
  /** Stores to each piece of hooked state, by index of the function they are in. */
  readonly stores: Readonly<Record<StoreName, ReadonlyMap<number, readonly MemorySite[]>>>;
}

const TYPE_LETTERS: Readonly<Record<string, string>> = { i: 'i32', l: 'i64', d: 'f64' };

/** Whether a name of the name section is the symbol, or a mangled Rust path that ends in it. */
export const matchesSymbol = (name: string, symbol: string): boolean =>
  name === symbol ||
  (name.endsWith(symbol) && /\d/.test(name[name.length - symbol.length - 1] ?? '') !== /^\d/.test(symbol));

const spell = (letters: string): string => [...letters].map((letter) => TYPE_LETTERS[letter]).join(', ');

function findFunction(module: WasmModule, name: string, { symbol, type }: FunctionAnchor): number | MovedAnchor {
  const anchor = `function ${name}`;
  const found = functionsByName(module, (candidate) => matchesSymbol(candidate, symbol));
  if (found.length !== 1)
    return { anchor, expected: `one function named ${symbol}`, found: found.length === 0 ? 'none' : `${found.length}` };
  const index = found[0]!;
  const [params = '', results = ''] = type.split('>');
  const actual = typeOf(module, index);
  const same = actual.params.join(', ') === spell(params) && actual.results.join(', ') === spell(results);
  if (!same) return { anchor, expected: `type ${type}`, found: formatType(actual) };
  return index;
}

function findStores(module: WasmModule, functions: ReadonlySet<number>): Record<StoreName, Map<number, MemorySite[]>> {
  const stores = {} as Record<StoreName, Map<number, MemorySite[]>>;
  const byAddress = new Map<number, Map<number, MemorySite[]>>();
  for (const name of Object.keys(STORE_ANCHORS) as StoreName[]) {
    stores[name] = new Map();
    byAddress.set(STORE_ANCHORS[name].address, stores[name]);
  }
  const visit = (site: MemorySite): void => {
    const sites = site.address === undefined || site.bulk ? undefined : byAddress.get(site.address);
    if (!sites) return;
    const list = sites.get(site.functionIndex);
    if (list) list.push(site);
    else sites.set(site.functionIndex, [site]);
  };
  scanStores(module, visit, (index) => functions.has(index));
  return stores;
}

/**
 * Finds every anchor.
 * @throws AnchorError that names each one that moved.
 */
export function verifyAnchors(module: WasmModule): Anchors {
  const moved: MovedAnchor[] = [];
  const functions = {} as Record<FunctionName, number>;
  for (const [name, anchor] of Object.entries(FUNCTION_ANCHORS) as [FunctionName, FunctionAnchor][]) {
    const result = findFunction(module, name, anchor);
    if (typeof result === 'number') functions[name] = result;
    else moved.push(result);
  }
  const stores = findStores(module, new Set(Object.values(functions)));
  for (const [name, { address, stores: expected }] of Object.entries(STORE_ANCHORS)) {
    for (const [functionName, count] of Object.entries(expected)) {
      const index = functions[functionName as FunctionName];
      if (index === undefined) continue; // reported already
      const found = stores[name as StoreName].get(index)?.length ?? 0;
      if (found === count) continue;
      moved.push({
        anchor: `stores to ${name} (linear address ${address}) in ${functionName}`,
        expected: `${count}`,
        found: `${found}`,
      });
    }
  }
  if (moved.length > 0) throw new AnchorError(module.source, moved);
  return { functions, stores };
}
