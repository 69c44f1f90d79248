// Finds the shared libraries that programs need, in the packages that theirs depend on. Source: Debian Policy 8.1 and 8.6: a package
// depends directly on the packages of all libraries that its files are linked with, and those are named after the library. Node only.

import { posix } from 'node:path';
import type { PackagedFileContent } from '../archive/deb.ts';
import { elfNeeds } from '../archive/elf-needs.ts';
import { GuestError } from '../error.ts';
import type { Packaged } from '../fetch/packaged.ts';
import type { PackagedFile, Pin } from '../schema.ts';

/** Libraries and dynamic loaders; those in folders below are plug-ins, which no program names. */
const LIBRARIES = '^(usr/)?lib/(i386-linux-gnu/)?[^/]+\\.so(\\.[\\d.]+)?$';

/** The libraries of a package, as something to fetch. */
export function librariesOf(suite: string, name: string, pins: readonly Pin[] = []): PackagedFile {
  const pin = pins.find((one) => one.package === name);
  return { suite, package: name, path: LIBRARIES, many: true, ...(pin && { pin }) };
}

/** How a package is fetched. */
export type Fetch = (wanted: PackagedFile) => Promise<Packaged>;

/** A file and the package that it is from. */
interface Found {
  readonly file: PackagedFileContent;
  readonly from: Packaged;
}

/** Debian's name for the package of a library: libfoo.so.1 is in libfoo1, libfoo2.so.1 in libfoo2-1. */
export function policyName(library: string): string {
  const [, stem = library, version = ''] = /^(.*?)\.so\.?(.*)$/.exec(library) ?? [];
  return `${stem}${/\d$/.test(stem) && version !== '' ? '-' : ''}${version}`.toLowerCase().replaceAll('_', '-');
}

function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** Dependencies in the order in which they are worth fetching for a library. */
export function candidates(library: string, depends: readonly string[]): string[] {
  const name = policyName(library);
  return [...new Set(depends)].sort((a, b) => commonPrefix(b, name) - commonPrefix(a, name));
}

/** Looks for libraries, remembering the packages it has seen. */
class Library {
  readonly #suite: string;
  readonly #pins: readonly Pin[];
  readonly #fetch: Fetch;
  readonly #fetched = new Set<string>();
  readonly #byPath = new Map<string, Found>();

  constructor(suite: string, pins: readonly Pin[], fetch: Fetch) {
    this.#suite = suite;
    this.#pins = pins;
    this.#fetch = fetch;
  }

  /**
   * The file and, where it is a link, what it leads to.
   * @param wanted file name of a library, or absolute path of a loader
   * @param by who wants it
   */
  async find(wanted: string, by: Found): Promise<Found[]> {
    const { record } = by.from;
    const known = this.#lookUp(wanted);
    if (known !== undefined) return this.#follow(known);
    for (const name of candidates(posix.basename(wanted), record.depends)) {
      await this.#add(name);
      const found = this.#lookUp(wanted);
      if (found !== undefined) return this.#follow(found);
    }
    const problem = `${by.file.path} of ${record.package} ${record.version} needs ${wanted}`;
    const found = `which is in none of the packages it depends on (${record.depends.join(', ') || 'none'})`;
    throw new GuestError('package-vanished', `${problem}, ${found}`, 'try another mirror with --mirror URL');
  }

  #lookUp(wanted: string): Found | undefined {
    if (wanted.startsWith('/')) return this.#byPath.get(wanted.slice(1));
    for (const [path, found] of this.#byPath) if (posix.basename(path) === wanted) return found;
    return undefined;
  }

  #follow(first: Found): Found[] {
    const chain = [first];
    for (let at = first; at.file.target !== undefined; chain.push(at)) {
      const path = posix.join(posix.dirname(at.file.path), at.file.target);
      const next = this.#byPath.get(path);
      if (next === undefined || chain.includes(next)) {
        throw new GuestError('archive', `${at.file.path} leads to ${path}, which is not there`, 'fetch it again');
      }
      at = next;
    }
    return chain;
  }

  async #add(name: string): Promise<void> {
    if (this.#fetched.has(name)) return;
    this.#fetched.add(name);
    const packaged = await this.#fetch(librariesOf(this.#suite, name, this.#pins)).catch((error) => {
      // The name of a virtual package, which only others provide.
      if (error instanceof GuestError && error.trouble === 'package-vanished') return undefined;
      throw error;
    });
    for (const file of packaged?.files ?? []) this.#byPath.set(file.path, { file, from: packaged! });
  }
}

/** A package that libraries were taken from, and those files of it that are needed. */
export interface Libraries {
  readonly files: readonly PackagedFileContent[];
  /** Packages that `files` are from, sorted by name. */
  readonly packages: readonly Packaged[];
}

/**
 * All libraries that files of `programs` need, and what these need in turn.
 * @throws GuestError when one is in none of the packages that it should be in
 */
export async function findLibraries(
  suite: string,
  programs: readonly Packaged[],
  pins: readonly Pin[],
  fetch: Fetch,
): Promise<Libraries> {
  const library = new Library(suite, pins, fetch);
  const found = new Map<string, Found>();
  const waiting: Found[] = programs.flatMap((from) => from.files.map((file) => ({ file, from })));
  const own = new Set(waiting.map(({ file }) => posix.basename(file.path)));
  for (let by = waiting.shift(); by !== undefined; by = waiting.shift()) {
    const needs = elfNeeds(by.file.path, by.file.bytes);
    if (needs === undefined) continue;
    // The loader first: its package is the C library, which the others need too.
    for (const wanted of [...(needs.interpreter === undefined ? [] : [needs.interpreter]), ...needs.libraries]) {
      if (own.has(wanted)) continue;
      for (const one of await library.find(wanted, by)) {
        if (found.has(one.file.path)) continue;
        found.set(one.file.path, one);
        waiting.push(one);
      }
    }
  }
  const packages = new Map([...found.values()].map(({ from }) => [from.record.package, from]));
  const byName = [...packages.keys()].sort();
  return { files: [...found.values()].map(({ file }) => file), packages: byName.map((name) => packages.get(name)!) };
}
