// Tries the hooks on another version of v86 and prints which anchors moved.
// Usage: npm run try-v86 [-- VERSION | --file V86.WASM [--library LIBV86.JS]]
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { unpackTar } from 'modern-tar';
import { V86Error, v86Folder } from '../emulator/node/assets.ts';
import { PINNED_V86 } from '../emulator/v86/version.ts';
import { WasmFormatError } from '../emulator/wasm/index.ts';
import { holds, type Step, type Trial, tryV86 } from './v86-trial.ts';

const USAGE = `Usage: npm run try-v86 [-- VERSION | --file V86.WASM [--library LIBV86.JS]]
Tries the hooks on another version of v86 from npm (default: latest), or on a v86.wasm of your own.
Exit code: 0 all anchors hold, 1 some moved, 2 nothing was tried.`;

const EXIT = { holds: 0, moved: 1, notTried: 2 } as const;

/** Nothing could be tried; the message says what to do. */
class NotTried extends Error {}

/** One v86 to try. */
interface Candidate {
  readonly version: string;
  readonly wasm: Uint8Array;
  readonly library: Uint8Array;
}

/** A package is 2 MB packed; one that unpacks to more than this is something else. */
const MAX_PACKAGE = 256 << 20;

/** Gets a version of v86 from npm, through the user's own npm and its settings. */
async function download(version: string): Promise<Candidate> {
  if (!/^[\w.+][\w.+-]*$/.test(version))
    throw new NotTried(`version: expected one such as 0.5.462 or latest, found ${JSON.stringify(version)}`);
  const folder = await mkdtemp(join(tmpdir(), 'try-v86-'));
  try {
    const npm = promisify(execFile)('npm', ['pack', `v86@${version}`, '--pack-destination', folder], { cwd: folder });
    await npm.catch((error: Error & { stderr?: string }) => {
      const reason =
        (error.stderr ?? '').split('\n').find((line) => /^npm (error|ERR!) (?!code)/.test(line)) ?? error.message;
      throw new NotTried(`npm pack v86@${version}: ${reason}; see npm view v86 versions, or give a file with --file`);
    });
    const [archive] = (await readdir(folder)).filter((file) => file.endsWith('.tgz'));
    if (archive === undefined) throw new NotTried(`npm pack v86@${version}: expected a .tgz, found none`);
    const tar = gunzipSync(await readFile(join(folder, archive)), { maxOutputLength: MAX_PACKAGE });
    const files = new Map((await unpackTar(tar)).map(({ header, data }) => [header.name, data]));
    const file = (name: string): Uint8Array => {
      const data = files.get(`package/${name}`);
      if (data) return data;
      throw new NotTried(`${archive}: expected ${name} in it, found none; this version is packed in another way`);
    };
    const manifest = JSON.parse(new TextDecoder().decode(file('package.json'))) as { version: string };
    return { version: manifest.version, wasm: file('build/v86.wasm'), library: file('build/libv86.js') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const read = (path: string): Promise<Uint8Array> =>
  readFile(path).catch((error: Error) => {
    throw new NotTried(error.message);
  });

const pinned = (file: string): string => join(v86Folder(), 'build', file);

async function candidate(words: readonly string[]): Promise<Candidate> {
  const options = { file: { type: 'string' }, library: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
  const { file, library } = values;
  if (positionals.length > 1 || (positionals.length > 0 && file) || (library && !file))
    throw new NotTried(`expected one version or one file, found ${words.join(' ')}`);
  if (!file) return download(positionals[0] ?? 'latest');
  return { version: file, wasm: await read(file), library: await read(library ?? pinned('libv86.js')) };
}

const told = (step: Step): string => {
  if ('done' in step) return `ok: ${step.done}`;
  return 'failed' in step ? `FAILED: ${step.failed}` : `not tried: ${step.skipped}`;
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function report({ version, wasm, library }: Candidate, { moved, rewriting, validation, run }: Trial): void {
  console.log(`v86 ${version}, v86.wasm of ${wasm.length} bytes; the hooks were made for ${PINNED_V86.version}`);
  console.log(`anchors:    ${moved.length === 0 ? 'all where they were' : `${moved.length} moved`}`);
  for (const { anchor, expected, found } of moved)
    console.log(`  ${anchor}\n    expected ${expected}\n    found    ${found}`);
  console.log(`rewriting:  ${told(rewriting)}`);
  console.log(`validation: ${told(validation)}`);
  console.log(`run:        ${told(run)}`);
  if (sha256(wasm) === PINNED_V86.wasmSha256 && sha256(library) === PINNED_V86.librarySha256)
    console.log('this is the pinned v86, byte for byte');
  else console.log(`to pin it:  wasmSha256 ${sha256(wasm)}\n            librarySha256 ${sha256(library)}`);
}

/** The message of an error that has one for the user; of any other where it comes from, too. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const usage = 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  const known = usage || error instanceof NotTried || error instanceof WasmFormatError || error instanceof V86Error;
  return known ? error.message : (error.stack ?? error.message);
}

/** @returns the exit code. */
async function main(words: readonly string[]): Promise<number> {
  if (words.includes('--help')) {
    console.log(USAGE);
    return EXIT.holds;
  }
  try {
    const found = await candidate(words);
    const trial = await tryV86(found.wasm, new TextDecoder().decode(found.library), `v86 ${found.version}`);
    report(found, trial);
    return holds(trial) ? EXIT.holds : EXIT.moved;
  } catch (error) {
    console.error(`try-v86: ${explain(error)}\nsee npm run try-v86 -- --help`);
    return EXIT.notTried;
  }
}

process.exitCode = await main(process.argv.slice(2));
