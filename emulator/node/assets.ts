// Finds the pinned v86 in node_modules and rewrites it, once for each version of the hooks.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { MachineAssets } from '../machine.ts';
import { HOOKED_SHA256, PINNED_V86 } from '../v86/version.ts';
import { cacheFolder } from './cache-folder.ts';
import { zlibCodec } from './zlib-codec.ts';

/** v86 is missing, or not the version that the hooks were made for. */
export class V86Error extends Error {
  override readonly name = 'V86Error';
}

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** Reads a file of the v86 package and checks that it is the pinned one. */
function readPinned(folder: string, file: string, expected: string): Buffer {
  const bytes = readFileSync(join(folder, 'build', file));
  const found = sha256(bytes);
  if (found !== expected)
    throw new V86Error(
      `v86/build/${file}: expected SHA-256 ${expected} (v86 ${PINNED_V86.version}), found ${found}; run npm ci, or try another version with npm run try-v86`,
    );
  return bytes;
}

/** The folder of the installed v86 package. @throws V86Error when there is none or it is not the pinned version. */
export function v86Folder(): string {
  const require = createRequire(import.meta.url);
  let manifest: string;
  try {
    manifest = require.resolve('v86/package.json');
  } catch {
    throw new V86Error(`v86: expected version ${PINNED_V86.version} in node_modules, found none; run npm ci`);
  }
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  if (version !== PINNED_V86.version)
    throw new V86Error(`v86: expected version ${PINNED_V86.version}, found ${version}; run npm ci`);
  return dirname(manifest);
}

/** The rewritten v86.wasm from the cache, if it is there and whole. */
function readCached(file: string): Uint8Array | undefined {
  try {
    const bytes = readFileSync(file);
    return sha256(bytes) === HOOKED_SHA256 ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the rewritten binary for the next run. A cache that can't be written only costs time. */
function writeCached(file: string, bytes: Uint8Array): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const partial = `${file}.${process.pid}`;
    writeFileSync(partial, bytes);
    renameSync(partial, file);
  } catch {
    // A read-only home or a full disk: the binary is rewritten at each start.
  }
}

/**
 * Loads what a machine is made from. The rewritten binary is cached under the hash of its content, which depends on v86 and on the hooks.
 * @throws V86Error when v86 is not the pinned one; AnchorError when its code is not as expected.
 */
export async function loadAssets(folder = cacheFolder()): Promise<MachineAssets> {
  const v86 = v86Folder();
  const library = readPinned(v86, 'libv86.js', PINNED_V86.librarySha256).toString('utf8');
  const cached = join(folder, 'v86', `${HOOKED_SHA256.slice(0, 32)}.wasm`);
  const kept = readCached(cached);
  if (kept) return { wasm: kept, library, codec: zlibCodec };
  const original = readPinned(v86, 'v86.wasm', PINNED_V86.wasmSha256);
  const { instrument } = await import('../v86/instrument/index.ts');
  const wasm = instrument(new Uint8Array(original), 'v86.wasm');
  if (sha256(wasm) === HOOKED_SHA256) writeCached(cached, wasm);
  return { wasm, library, codec: zlibCodec };
}
