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
import { restrict, siteOf } from '../rewrite/index.ts';
import { verify } from '../verify/index.ts';

/** The core's file in the built package. */
export const CORE_FILE = 'edm-core.wasm';

const FOLDERS = ['../assembly/', '../policies/assembly/'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);
const BUILT = new URL(`../../../dist/${CORE_FILE}`, import.meta.url);

/** Names the sources that the core is compiled from, by their content. */
function sourcesHash(): string {
  const hash = createHash('sha256');
  for (const [name, text] of Object.entries(GENERATED_SOURCES)) hash.update(`${name}\n${text}\n`);
  for (const folder of FOLDERS)
    for (const name of readdirSync(folder).sort()) hash.update(`${name}\n`).update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 32);
}

/** EDM's core. Compiled once for each state of its sources, and kept in the cache. */
export async function loadCore(): Promise<Uint8Array> {
  if (!FOLDERS.every((folder) => existsSync(folder))) return readFile(BUILT);
  const cached = join(cacheFolder(), 'edm', `${sourcesHash()}.wasm`);
  if (existsSync(cached)) return readFile(cached);
  const { compileCore } = await import('./compile-core.ts');
  const core = await compileCore();
  try {
    await writeAtomically(cached, core);
  } catch {
    // A read-only home or a full disk: the core is compiled at each start.
  }
  return core;
}

/** Loads all that EDM needs. @throws V86Error when v86 is not the pinned one */
export async function loadEdmAssets(): Promise<Required<EdmAssets>> {
  const [v86, core] = [await loadAssets(), await loadCore()];
  if (v86.wasm instanceof WebAssembly.Module) throw new Error('v86.wasm: expected its bytes, found it compiled');
  return { v86: { ...v86, wasm: v86.wasm }, core, ipr: { restrict, verify, siteOf } };
}
