// What `wolfden doctor` looks at. Each check does the thing itself, rather than asking whether it might work.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { v86Folder } from '../emulator/node/assets.ts';
import { FUNCTION_ANCHORS, STORE_ANCHORS } from '../emulator/v86/anchors.ts';
import { instrument } from '../emulator/v86/instrument/index.ts';
import { verifyAnchors } from '../emulator/v86/instrument/verify-anchors.ts';
import { HOOKED_SHA256, PINNED_V86 } from '../emulator/v86/version.ts';
import { readModule } from '../emulator/wasm/index.ts';
import { cacheFolder } from '../guests/index.ts';
import manifest from '../package.json' with { type: 'json' };

/** What a check found. */
export interface Finding {
  readonly what: string;
  /** `needed` is missing and nothing works without it; `optional` is missing and only some things do without it. */
  readonly state: 'ok' | 'needed' | 'optional';
  readonly text: string;
  /** What to do when it is missing. */
  readonly remedy?: string;
}

const run = promisify(execFile);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Whether version `found` is at least `least`, both as numbers with points. */
export function isAtLeast(found: string, least: string): boolean {
  const [a, b] = [found, least].map((version) => version.split('.').map(Number)) as [number[], number[]];
  for (let i = 0; i < b.length; i++) {
    if ((a[i] ?? 0) !== b[i]) return (a[i] ?? 0) > b[i]!;
  }
  return true;
}

function checkNode(): Finding {
  const least = manifest.engines.node.replace('>=', '');
  const found = process.versions.node;
  if (isAtLeast(found, least)) return { what: 'node', state: 'ok', text: `${found} (${least} or newer is needed)` };
  return {
    what: 'node',
    state: 'needed',
    text: `expected ${least} or newer, found ${found}`,
    remedy: 'install a newer node',
  };
}

async function checkV86(): Promise<Finding> {
  const folder = v86Folder();
  const expected = { 'v86.wasm': PINNED_V86.wasmSha256, 'libv86.js': PINNED_V86.librarySha256 };
  for (const [file, hash] of Object.entries(expected)) {
    const found = sha256(await readFile(join(folder, 'build', file)));
    if (found !== hash) throw new Error(`${file}: expected SHA-256 ${hash}, found ${found}`);
  }
  return { what: 'v86', state: 'ok', text: `${PINNED_V86.version}, its files have the pinned hashes` };
}

async function checkAnchors(): Promise<Finding> {
  const bytes = new Uint8Array(await readFile(join(v86Folder(), 'build', 'v86.wasm')));
  verifyAnchors(readModule(bytes, 'v86.wasm'));
  const found = sha256(instrument(bytes, 'v86.wasm'));
  if (found !== HOOKED_SHA256) throw new Error(`rewritten v86.wasm: expected SHA-256 ${HOOKED_SHA256}, found ${found}`);
  const [functions, states] = [FUNCTION_ANCHORS, STORE_ANCHORS].map((anchors) => Object.keys(anchors).length);
  const text = `${functions} functions and the stores to ${states} pieces of state are where they should be; the rewritten binary has the expected hash`;
  return { what: "v86's anchors", state: 'ok', text };
}

/** Bytes of all files below a folder; those that vanish meanwhile count nothing. */
async function folderSize(folder: string): Promise<number> {
  let size = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = await stat(join(entry.parentPath, entry.name)).catch(() => undefined);
    size += file?.size ?? 0;
  }
  return size;
}

async function checkCache(): Promise<Finding> {
  const folder = cacheFolder();
  await mkdir(folder, { recursive: true });
  const probe = await mkdtemp(join(folder, 'doctor-'));
  await writeFile(join(probe, 'file'), 'written').finally(() => rm(probe, { recursive: true, force: true }));
  const text = `${folder} is writable and holds ${((await folderSize(folder)) / 2 ** 20).toFixed(1)} MiB`;
  return { what: 'cache folder', state: 'ok', text };
}

async function checkApt(): Promise<Finding> {
  const { stdout } = await run('apt-get', ['--version']);
  await run('apt-cache', ['--version']);
  return { what: 'apt', state: 'ok', text: `${stdout.split('\n')[0]?.trim()}: guests can be fetched` };
}

async function checkCompiler(): Promise<Finding> {
  const scratch = await mkdtemp(join(tmpdir(), 'wolfden-doctor-'));
  try {
    await writeFile(join(scratch, 'a.c'), 'int one(void) { return 1; }\n');
    await run('gcc', ['-m32', '-ffreestanding', '-c', 'a.c', '-o', 'a.o'], { cwd: scratch });
    await run('ld', ['-m', 'elf_i386', '-r', 'a.o', '-o', 'b.o'], { cwd: scratch });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return { what: 'gcc -m32', state: 'ok', text: 'makes i386 code: pup can be built' };
}

/** A check, and what its failure means. */
interface Check {
  readonly what: string;
  readonly failure: 'needed' | 'optional';
  readonly remedy: string;
  readonly look: () => Finding | Promise<Finding>;
}

const CHECKS: readonly Check[] = [
  { what: 'node', failure: 'needed', remedy: 'install a newer node', look: checkNode },
  { what: 'v86', failure: 'needed', remedy: 'run npm ci, or install wolfden again', look: checkV86 },
  { what: "v86's anchors", failure: 'needed', remedy: 'run npm ci, or install wolfden again', look: checkAnchors },
  {
    what: 'cache folder',
    failure: 'needed',
    remedy: 'check its permissions and the free space, or set WOLFDEN_CACHE to a folder of your own',
    look: checkCache,
  },
  {
    what: 'apt',
    failure: 'optional',
    remedy:
      'embedded guests run without it; give packages with wolfden run GUEST --deb FILE, or kernels with --kernel FILE',
    look: checkApt,
  },
  {
    what: 'gcc -m32',
    failure: 'optional',
    remedy: 'only wolfden guests build needs it: install gcc and binutils (apt-get install gcc binutils)',
    look: checkCompiler,
  },
];

/** Does all checks, one after the other. */
export async function examine(): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { what, failure, remedy, look } of CHECKS) {
    try {
      findings.push(await look());
    } catch (error) {
      const text = (error as Error).message.trim();
      findings.push({ what, state: failure, text, remedy });
    }
  }
  return findings;
}
