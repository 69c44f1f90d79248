// Makes v86.wasm files in which anchors have moved, and looks at what try-v86 says of them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { v86Folder } from '../emulator/node/assets.ts';
import { matchesSymbol } from '../emulator/v86/instrument/verify-anchors.ts';
import { STATE } from '../emulator/v86/state.ts';
import { functionByName, readModule, scanCalls, scanStores } from '../emulator/wasm/index.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'try-v86-test-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const path = join(v86Folder(), 'build', 'v86.wasm');
const pinned = new Uint8Array(readFileSync(path));
const module = readModule(pinned, 'v86.wasm');

/** i32.load8_u of CPL, and of the byte that says whether code is 32-bit. */
const LOAD_CPL = Uint8Array.of(0x2d, 0, 0xe4, 0x04);
const LOAD_IS_32 = Uint8Array.of(0x2d, 0, 0xa4, 0x06);

const indexOf = (symbol: string): number => functionByName(module, (name) => matchesSymbol(name, symbol));

/** Gives a function another name of the same length in the name section, which is the last place that has it. */
function rename(bytes: Uint8Array, symbol: string): void {
  const at = Buffer.from(bytes.buffer).lastIndexOf(module.functionNames.get(indexOf(symbol))!);
  const last = at + module.functionNames.get(indexOf(symbol))!.length - 1;
  bytes[last] = 'X'.charCodeAt(0);
}

/** Lets the first store of a function to a place in v86's state store 8 bytes further on. */
function moveStore(bytes: Uint8Array, symbol: string, address: number): void {
  const offsets: number[] = [];
  const index = indexOf(symbol);
  const visit = (site: { address: number | undefined; memOffset: number; end: number }) => {
    // The static offset, of two bytes, ends the instruction; its low byte is the first.
    if (site.address === address && site.memOffset === address) offsets.push(site.end - 2);
  };
  scanStores(module, visit, (candidate) => candidate === index);
  bytes[offsets[0]!]! += 8;
}

/** Lets the first call of an import in a function call another import. */
function moveCall(bytes: Uint8Array, symbol: string, from: string, to: string): void {
  const imports = module.imports.filter(({ kind }) => kind === 'function').map(({ name }) => name);
  const index = indexOf(symbol);
  const offsets: number[] = [];
  const filter = (candidate: number) => candidate === index;
  scanCalls(module, (site) => void offsets.push(site.offset), { callee: imports.indexOf(from), filter });
  // An index below 128: its first byte holds all of it, and whether more bytes follow.
  const at = offsets[0]! + 1;
  bytes[at] = (bytes[at]! & 0x80) | imports.indexOf(to);
}

function tryV86(...words: string[]): { code: number | null; output: string } {
  const args = ['--import', 'tsx', join(root, 'scripts', 'try-v86.ts'), ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  return { code: status, output: stdout + stderr };
}

function tryChanged(name: string, change: (bytes: Uint8Array) => void): { code: number | null; output: string } {
  const bytes = pinned.slice();
  change(bytes);
  assert.not.equal(bytes, pinned);
  const file = join(folder, `${name}.wasm`);
  writeFileSync(file, bytes);
  return tryV86('--file', file);
}

test('the pinned v86 holds, and runs a guest', () => {
  const { code, output } = tryV86('--file', path);
  assert.is(code, 0, output);
  assert.match(output, 'all where they were');
  assert.match(output, 'pup computes as it should');
});

test('a renamed function and a moved store are both named, with what was expected and found', () => {
  const { code, output } = tryChanged('anchors', (bytes) => {
    rename(bytes, 'instr_0F30');
    moveStore(bytes, 'instr_0F22', STATE.cr3);
  });
  assert.is(code, 1, output);
  assert.match(output, '2 moved');
  assert.match(output, /function wrmsr\n +expected one function named instr_0F30\n +found +none/);
  assert.match(output, /stores to cr3 .*in moveToControlRegister\n +expected 1\n +found +0/);
  assert.match(output, 'rewriting:  not tried');
});

test('an anchor that only the rewriting looks for is named', () => {
  const { code, output } = tryChanged('ports', (bytes) =>
    moveCall(bytes, 'instr16_E7', 'io_port_write16', 'io_port_write32'),
  );
  assert.is(code, 1, output);
  assert.match(output, /calls of io_port_write16 in instr16_E7\n +expected 1\n +found +0/);
  assert.match(output, 'rewriting:  FAILED');
});

test('a v86 whose anchors hold and whose code does not work is found by running it', () => {
  // HLT takes the byte that says that code is 32-bit for its CPL: it faults, and pup can't wait for input.
  const { code, output } = tryChanged('broken', (bytes) => {
    const { start, end } = module.code[indexOf('instr_F4') - module.importedFunctionCount]!;
    const at = Buffer.from(bytes.buffer).subarray(start, end).indexOf(LOAD_CPL);
    assert.ok(at > 0, 'expected HLT to load CPL');
    bytes.set(LOAD_IS_32, start + at);
  });
  assert.is(code, 1, output);
  assert.match(output, 'all where they were');
  assert.match(output, /run: +FAILED/);
});

test('what can not be tried says why and what to do', () => {
  const cut = join(folder, 'cut.wasm');
  writeFileSync(cut, pinned.subarray(0, 100_000));
  for (const [words, says] of [
    [['--file', cut], 'expected'],
    [['--file', join(folder, 'none.wasm')], 'ENOENT'],
    [['--files', path], "Unknown option '--files'"],
    [['one', 'two'], 'expected one version or one file'],
    [['../v86'], 'expected one such as'],
  ] as const) {
    const { code, output } = tryV86(...words);
    assert.is(code, 2, output);
    assert.match(output, says);
    assert.match(output, '--help');
  }
});

test.run();
