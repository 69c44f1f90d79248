// What the build makes is run as a user would: from plain JavaScript, and with what lies beside it.
import { execFile } from 'node:child_process';
import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SLOW_WAYS } from '../monitors/edm/facts.ts';
import manifest from '../package.json' with { type: 'json' };
import { buildAll, nodeImports } from './build.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Inside the package, so that its dependencies are found, and where git looks at nothing. */
const FOLDER = join(ROOT, 'dist', `test-${process.pid}`);
const node = (...words: string[]) => promisify(execFile)(process.execPath, words, { cwd: ROOT });

test.before(() => buildAll(FOLDER));
test.after(() => rm(FOLDER, { recursive: true, force: true }));

test('the command line runs, and finds v86 and the embedded guests', async () => {
  const cli = join(FOLDER, 'cli.js');
  assert.match(await readFile(cli, 'utf8'), /^#!\/usr\/bin\/env node\n/);
  const { stdout } = await node(cli, 'run', 'pup', '--send', 'echo built', '--json');
  assert.match(JSON.parse(stdout).console, /\r\nbuilt\r\n/);
});

test('the library for node makes machines, and has declarations', async () => {
  const script = join(FOLDER, 'use.mjs');
  await writeFile(
    script,
    `import { Machine, loadAssets } from './index.js';
     const { wasm, library } = await loadAssets();
     console.log(typeof Machine.create, wasm.length > 1e6, library.length > 1e5);`,
  );
  assert.is((await node(script)).stdout.trim(), 'function true true');
  const face = await readFile(join(FOLDER, 'index.d.ts'), 'utf8');
  const declared = /'(\.\/types\/.*)\.js'/.exec(face)![1]!;
  assert.match(await readFile(join(FOLDER, `${declared}.d.ts`), 'utf8'), /loadAssets/);
});

test('the library for browsers needs nothing of node', async () => {
  const text = await readFile(join(FOLDER, 'browser.js'), 'utf8');
  assert.match(text, /\bMachine\b/);
  assert.not.match(text, /["']node:/);
});

test("EDM's core imports its place, its memory, its way to stop and what it stands in for, and has no data", async () => {
  const module = new WebAssembly.Module(await readFile(join(FOLDER, 'edm-core.wasm')));
  const imports = WebAssembly.Module.imports(module).map(({ module: from, name, kind }) => `${from}.${name}: ${kind}`);
  const slowWays = Object.values(SLOW_WAYS).flatMap((way) => Object.keys(way));
  const expected = [
    ...['edm.base: global', 'edm.fail: function', 'env.memory: memory'],
    ...slowWays.map((name) => `v86.${name}: function`),
  ];
  assert.equal(imports.sort(), expected.sort());
  const text = await readFile(join(FOLDER, 'edm-core.wasm'));
  assert.not(sections(text).includes(DATA_SECTION));
});

const DATA_SECTION = 11;

/** Numbers of a module's sections. */
function sections(module: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = 8; at < module.length; ) {
    found.push(module[at++]!);
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++]!;
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    at += size;
  }
  return found;
}

test('a face that needs node is found out', async () => {
  const { metafile } = await build({
    stdin: { contents: "import { join } from 'node:path'; import 'fs'; console.log(join);", resolveDir: ROOT },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    packages: 'external',
  });
  assert.is(nodeImports(metafile).length, 2);
});

test('package.json names what the build makes', async () => {
  const named = [manifest.bin.wolfden, ...JSON.stringify(manifest.exports).matchAll(/\.\/dist\/[\w.]+/g)].map(String);
  for (const file of named) await access(file.replace(/^(\.\/)?dist/, FOLDER));
});

test.run();
