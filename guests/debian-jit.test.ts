// A Debian kernel does the same with the JIT on and off: each process of a fixed script makes the same system calls from the same places
// and takes the same faults. When interrupts land may differ; what a program does may not.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from '../emulator/index.ts';
import { loadAssets } from '../emulator/node/assets.ts';
import { startAt } from '../emulator/node/start-at.ts';
import { preparedForTest } from './testing/prepared.ts';

/** System calls after which an address space is another program's, or nobody's: exit, execve, exit_group. */
const LAST_CALLS = [1, 11, 252];

/** Address-space randomisation draws on when interrupts came: it would make addresses differ that mean nothing. */
const SETUP = 'stty -echo; echo 0 > /proc/sys/kernel/randomize_va_space; echo ready';

const SCRIPT =
  'i=0; while [ $i -lt 5 ]; do /bin/ls /bin >/dev/null; (echo x | /bin/cat >/dev/null); /bin/sh -c "exit 3"; i=$((i+1)); done; echo done';

/** What each program did from its first system call or fault to its last, in the order in which they ended. */
async function programsOf(snapshot: Uint8Array, jit: boolean): Promise<string[]> {
  const machine = await Machine.restore(snapshot, await loadAssets(), { jit });
  const open = new Map<number, string[]>();
  const ended: string[] = [];
  const of = (space: number): string[] => {
    const lines = open.get(space) ?? [];
    open.set(space, lines);
    return lines;
  };
  machine.on('syscall', ({ cr3, gate, vector, number, eip }) => {
    of(cr3).push(`${gate} ${vector} ${number} at ${eip}`);
    if (!LAST_CALLS.includes(number)) return;
    ended.push(of(cr3).join('\n'));
    open.delete(cr3);
  });
  machine.on('page-fault', ({ cpl, cr3, address, errorCode, eip }) => {
    if (cpl === 3) of(cr3).push(`fault ${address} ${errorCode} at ${eip}`);
  });
  machine.type(`${SCRIPT}\n`);
  assert.is(await machine.run({ until: 'done\r\n', for: 60_000 }), 'until');
  await machine.close();
  return ended;
}

const guest = await preparedForTest('debian-6.1');
if (guest) {
  test('each process of a script does the same with the JIT on and off', async () => {
    const options = { boot: { multiboot: guest.image }, memorySize: guest.memorySize };
    const { machine } = await startAt(options, await loadAssets(), { until: '# ' });
    machine.type(`${SETUP}\n`);
    assert.is(await machine.run({ until: 'ready\r\n', for: 10_000 }), 'until');
    const snapshot = await machine.save();
    const compiled = await programsOf(snapshot, true);
    const interpreted = await programsOf(snapshot, false);
    // A round has three programs of its own, and the children that the shell forks for them and for the pipeline.
    assert.ok(compiled.length >= 5 * 6, `${compiled.length} programs`);
    assert.ok(compiled.some((program) => program.includes('fault ')));
    assert.equal(interpreted, compiled);
  });
}
test.run();
