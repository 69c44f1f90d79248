// Tests of the villains for Linux: the images are what the sources give, and in the guest each does what it says. The guest boots once;
// each test goes on from a snapshot.

import { execFileSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from '../../../emulator/index.ts';
import { loadAssets } from '../../../emulator/node/assets.ts';
import { VILLAINS } from '../../initrd/villains.ts';
import { toolDifferences } from '../../pup/toolchain.ts';
import { command, runToPrompt, withGuest } from '../../testing/boot.ts';
import { reportedKeys, villainRecords } from '../../testing/records.ts';
import { staleImages } from './images.ts';
import { programNames } from './programs.ts';

/** Scancodes of set 1, which Linux's key codes are for these keys. */
const KEYS = { e: 0x12, c: 0x2e, h: 0x23, o: 0x18, space: 0x39, p: 0x19, w: 0x11, enter: 0x1c };
const TYPED = [KEYS.e, KEYS.c, KEYS.h, KEYS.o, KEYS.space, KEYS.p, KEYS.w, KEYS.p, KEYS.w, KEYS.p, KEYS.w, KEYS.enter];
/** The first of the vectors that Linux gives to the interrupt controller's lines. */
const IRQ_BASE = 0x30;

const hasGcc = ((): boolean => {
  try {
    execFileSync('gcc', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test('the committed programs are what their sources give, and all of them are in the initrd', async () => {
  assert.equal(await programNames(), [...VILLAINS].sort());
  if (!hasGcc) return void console.log('skipped: rebuilding the villains: there is no gcc here');
  const differences = await toolDifferences();
  if (differences.length > 0) return void console.log(`skipped: rebuilding the villains: ${differences.join('; ')}`);
  assert.equal(await staleImages(), []);
});

/** The guest at its prompt, with the drivers loaded. */
let ready: Uint8Array | undefined;

test('the guest boots, and its kernel takes the drivers', () =>
  withGuest('debian-6.1-villains', async (guest) => {
    const { machine } = guest;
    await runToPrompt(guest);
    machine.type('stty -echo\n');
    await machine.run({ for: 500 });
    assert.is(
      await command(machine, 'insmod /lib/villains.ko && ls /dev/hang /dev/hook /dev/rootkit /dev/vuln | wc -l'),
      '4\n',
    );
    ready = await machine.save();
  }));

/** A test that begins at the prompt. */
function villainTest(name: string, work: (machine: Machine) => Promise<void>): void {
  test(name, async () => {
    if (ready === undefined) return void console.log(`skipped: "${name}": the guest is not here`);
    const machine = await Machine.restore(ready, await loadAssets());
    try {
      await work(machine);
    } finally {
      await machine.close();
    }
  });
}

/** Runs a program in the background until it has said something. */
async function start(machine: Machine, line: string): Promise<void> {
  const from = machine.console.text.length;
  // The shell must not be its parent: with echo off, busybox's shell takes a child's end for the end of its input.
  machine.type(`(${line} &)\n`);
  const said = (): boolean => villainRecords(machine.console.text.slice(from)).length > 0;
  assert.is(await machine.run({ until: said, for: 20_000 }), 'until', `${line}: ${machine.console.text.slice(from)}`);
}

/** Types at the keyboard, each key held for 40 ms, 120 ms apart. */
async function typeKeys(machine: Machine, keys: readonly number[]): Promise<void> {
  for (const key of keys) {
    machine.schedule(
      { on: { after: 80 }, give: { scancodes: [key] } },
      { on: { after: 40 }, give: { scancodes: [key | 0x80] } },
    );
  }
  await machine.run({ for: keys.length * 120 + 2_500 });
}

for (const logger of ['keylog-evdev', 'keylog-batch', 'keylog-delay', 'keylog-port', 'keylog-hook']) {
  villainTest(`${logger} reports each key that was pressed, in order`, async (machine) => {
    await start(machine, logger);
    await typeKeys(machine, TYPED);
    assert.equal(reportedKeys(machine.console.text, logger), TYPED);
  });
}

villainTest('keylog-screen and keylog-ptrace know what was typed without asking for a key', async (machine) => {
  // There are two shells: which has the keyboard, their ids don't tell.
  const keyboards = 'grep -lx sh /proc/[0-9]*/comm | while read p; do ls -l $(dirname $p)/fd/0; done | grep tty1';
  const [, shell] = /proc\/(\d+)\//.exec(await command(machine, keyboards)) ?? [];
  await start(machine, `keylog-ptrace ${shell}`);
  await start(machine, 'keylog-screen');
  await typeKeys(machine, TYPED);
  const text = (kind: string): string => String.fromCharCode(...reportedKeys(machine.console.text, kind));
  assert.match(text('keylog-ptrace'), /echo pwpwpw\n/);
  assert.match(text('keylog-screen'), /echopwpwpw/);
});

/** Exploits of `ret2usr all`, in order. */
const EXPLOITS = [
  ...['fnptr', 'partial', 'operations', 'fileops', 'restart', 'idt', 'gdt', 'sysenter', 'jump', 'tail'],
  ...['iret', 'return', 'usermap', 'ret2dir', 'timer'],
];
/** Those that run in a page of the kernel's: only its frame is the program's. */
const BY_FRAME = ['usermap', 'ret2dir'];

villainTest('ret2usr: every exploit runs its payload at CPL 0, in its own page', async (machine) => {
  const pages: string[] = [];
  const subscription = machine.smep(({ address }) => {
    pages.push(`0x${(address! & ~0xfff).toString(16)}`);
  });
  await command(machine, 'ret2usr all');
  subscription[Symbol.dispose]();
  const records = villainRecords(machine.console.text, 'ret2usr').map(({ fields }) => fields);
  const ran = records.filter(({ stage }) => stage === 'ran');
  assert.equal(
    ran.map(({ kind, cpl }) => [kind, cpl]),
    EXPLOITS.map((kind) => [kind, '0']),
  );
  assert.equal(
    pages,
    records.filter(({ stage, kind }) => stage === 'armed' && !BY_FRAME.includes(kind!)).map(({ page }) => page),
  );
});

villainTest('rootkit: a hidden process is not listed, but runs', async (machine) => {
  machine.type('(rootkit filter 2000 &)\n');
  await machine.run({ until: 'stage=hidden', for: 10_000 });
  const { worker } = villainRecords(`${machine.console.text}\n`, 'rootkit').at(-1)!.fields;
  await machine.run({ for: 100 });
  assert.is(await command(machine, `ls /proc | grep -c '^${worker}$'; kill -0 ${worker} && echo runs`), '0\nruns\n');
  await machine.run({ until: 'stage=restored', for: 10_000 });
  assert.is(villainRecords(`${machine.console.text}\n`, 'rootkit').at(-1)!.fields.worker, worker);
});

/** What still comes when a full hang has begun: vectors of interrupts. */
const HANGS: readonly (readonly [kind: string, timer: boolean])[] = [
  ['realtime', true],
  ['loop-on', true],
  ['loop-off', false],
  ['double-lock', true],
];

for (const [kind, timer] of HANGS) {
  villainTest(
    `hang ${kind}: no program runs any more, and the timer's interrupt ${timer ? 'goes on' : 'has stopped'}`,
    async (machine) => {
      await start(machine, `hang ${kind}`);
      await machine.run({ for: 200 });
      const vectors = new Set<number>();
      let switches = 0;
      machine.on('interrupt', ({ vector }) => void vectors.add(vector));
      machine.on('cr3-write', ({ old, value }) => {
        if (old !== value) switches++;
      });
      machine.type('echo alive\n');
      await machine.run({ for: 1_000 });
      assert.is(vectors.has(IRQ_BASE), timer);
      assert.is(switches, 0);
      assert.not(machine.console.text.includes('alive'));
    },
  );
}

villainTest('hang timer-off: the timer comes only with other interrupts', async (machine) => {
  await start(machine, 'hang timer-off');
  await machine.run({ for: 200 });
  let ticks = 0;
  machine.on('interrupt', ({ vector }) => {
    if (vector === IRQ_BASE) ticks++;
  });
  await machine.run({ for: 1_000 });
  // Of 250 in a second.
  assert.ok(ticks < 10, `${ticks} ticks`);
});

for (const kind of ['keyboard-off', 'lost-unlock', 'lost-wakeup', 'polite', 'deadlock']) {
  villainTest(`hang ${kind}: other programs go on`, async (machine) => {
    await start(machine, `hang ${kind}`);
    assert.match(await command(machine, 'echo alive'), /alive/);
  });
}

test.run();
