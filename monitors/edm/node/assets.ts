// What EDM is made from, in node: the pinned v86, and EDM's core, built into the package or compiled from its sources in development.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadAssets } from '../../../emulator/node/assets.ts';
import { writeAtomically } from '../../../emulator/node/atomic-file.ts';
import { cacheFolder } from '../../../emulator/node/cache-folder.ts';
import { GENERATED_SOURCES } from '../core-facts.ts';
import type { EdmAssets } from '../edm.ts';
import type { Ipr } from '../ipr.ts';
import { restrict, siteOf } from '../rewrite/index.ts';
import { verify } from '../verify/index.ts';

/** The core's file in the built package. */
export const CORE_FILE = 'edm-core.wasm';

const FOLDERS = ['../assembly/', '../policies/assembly/'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);
const BUILT = new URL(`../../../dist/${CORE_FILE}`, import.meta.url);

/** Where the sources of the rewriter and the facts that it goes by are, in development. */
const REWRITER = ['../rewrite/', '../', '../../../emulator/wasm/', '../../../emulator/v86/'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);

/** A name for what is made from texts and from the files in folders, by their content. */
function nameOf(texts: readonly (string | Uint8Array)[], folders: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text);
  for (const folder of folders)
    for (const { name } of readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .sort((a, b) => (a.name < b.name ? -1 : 1)))
      hash.update(`${name}\n`).update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 32);
}

const digestOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const DIGEST = 32;

/** What was made before and kept in the cache behind its digest, or is made now: also when what was kept is damaged. */
async function kept(name: string, make: () => Uint8Array | Promise<Uint8Array>): Promise<Uint8Array> {
  const cached = join(cacheFolder(), 'edm', name);
  if (existsSync(cached)) {
    const file = await readFile(cached);
    const bytes = file.subarray(DIGEST);
    if (digestOf(bytes).equals(file.subarray(0, DIGEST))) return bytes;
  }
  const made = await make();
  try {
    await writeAtomically(cached, Buffer.concat([digestOf(made), made]));
  } catch {
    // A read-only home or a full disk: it is made at each start.
  }
  return made;
}

/** EDM's core. Compiled once for each state of its sources, and kept in the cache. */
export async function loadCore(): Promise<Uint8Array> {
  if (!FOLDERS.every((folder) => existsSync(folder))) return readFile(BUILT);
  const texts = Object.entries(GENERATED_SOURCES).flat();
  return kept(nameOf(texts, FOLDERS), async () => (await import('./compile-core.ts')).compileCore());
}

/** v86.wasm as the rewriter makes it, kept in the cache: this takes longest of what happens before the guest runs. */
function loadRestricted(wasm: Uint8Array): Promise<Uint8Array> {
  const sources = REWRITER.every((folder) => existsSync(folder)) ? REWRITER : [];
  const rewriter = sources.length > 0 ? 'development' : readFileSync(fileURLToPath(import.meta.url));
  return kept(nameOf([wasm, rewriter], sources), () => restrict(wasm, { kind: 'core', module: 0, source: 'v86.wasm' }));
}

/** Loads all that EDM needs. @throws V86Error when v86 is not the pinned one */
export async function loadEdmAssets(): Promise<Required<EdmAssets>> {
  const [v86, core] = [await loadAssets(), await loadCore()];
  const { wasm } = v86;
  if (wasm instanceof WebAssembly.Module) throw new Error('v86.wasm: expected its bytes, found it compiled');
  const restricted = await loadRestricted(wasm);
  const ipr: Ipr = {
    // What was kept is no more trusted than what is made now: the verifier decides on both.
    restrict: (bytes, options) => (bytes === wasm && options.kind === 'core' ? restricted : restrict(bytes, options)),
    ...{ verify, siteOf },
  };
  return { v86: { ...v86, wasm }, core, ipr };
}
