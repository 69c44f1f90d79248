// The machine's hooks see exactly what the kernel says that it did, in every variant; with the JIT, and without.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { resolveOptions } from '../options.ts';
import { truthSnapshots } from '../records.ts';
import { VARIANTS } from '../variants.ts';
import { catalogueImage, catalogueMap, PupSession } from './session.ts';
import { toldAccount, Witness } from './witness.ts';

/** Runs a script to its `truth` and the halt, and compares. */
async function compare(name: string, options: { readonly jit: boolean; readonly commandLine: string }) {
  await using pup = await PupSession.start(await catalogueImage(name), options);
  const map = await catalogueMap(name);
  const witness = new Witness(pup.machine, map);
  let modules = 0;
  pup.machine.on('jit-install', () => void modules++);
  const { output } = await pup.halted();
  const told = truthSnapshots(output).map((snapshot) => toldAccount(snapshot, map.options));
  assert.is(told.length, 1, output);
  assert.equal(witness.accounts, told);
  assert.is(modules > 0, options.jit, `${modules} compiled modules`);
  return witness;
}

/** One for each way into the kernel and each way to switch tasks: the interpreter does not know the other variations. */
const INTERPRETED = ['pup', 'pup-sysenter', 'pup-callgate', 'pup-tss', 'pup-quiet-alien'];
/** The variants that a longer run is worth its time in: where switches and the paths between tasks differ. */
const LOADED = ['pup', 'pup-callgate', 'pup-tss', 'pup-threads', 'pup-alien'];

for (const { name, options } of VARIANTS) {
  const { clock } = resolveOptions(options);
  // The quiet variants find their script by themselves.
  const commandLine = clock === 'quiet' ? '' : 'run=/etc/quiet.sh';
  for (const jit of INTERPRETED.includes(name) ? [true, false] : [true]) {
    test(`${name}, JIT ${jit ? 'on' : 'off'}: crashes, exploits and everyday programs`, async () => {
      const { accounts, stolen, refused } = await compare(name, { jit, commandLine });
      // What the kernel cannot know: two exploits call their payload through gates of their own, a crash finds no gate.
      assert.equal(stolen, { int: 1, sysenter: 0, 'call-gate': 1 });
      assert.equal(refused, { 33: 1 });
      assert.ok(accounts[0]!.syscalls > 900 && accounts[0]!.ended.length > 50);
    });
  }
}

for (const { name, options } of VARIANTS.filter((variant) => LOADED.includes(variant.name))) {
  test(`${name}: preemption, pipes, threads and idling`, async () => {
    const { accounts } = await compare(name, { jit: true, commandLine: 'run=/etc/load.sh' });
    const { switches, threads, living, ended, vectors } = accounts[0]!;
    assert.ok(switches > 1000);
    assert.is(threads > 0, resolveOptions(options).threads === 'threads');
    const ticks = [...living, ...ended].reduce((sum, account) => sum + account.ticks, 0);
    assert.ok(ticks > 0 && ticks < vectors[0x20]!, 'the rest of the ticks came while the machine was idle');
  });
}

test.run();
