// Every variant of the catalogue boots, runs the whole fixed program set (programs/etc/quiet.sh) and halts, each time the same.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { resolveOptions } from '../options.ts';
import { pupRecords } from '../records.ts';
import { VARIANTS } from '../variants.ts';
import { catalogueImage, INTERACTIVE, type Outcome, PROMPT, PupSession, QUIET } from './session.ts';

const RET2USR_KINDS = 'fnptr partial syscall-table idt gdt return iret jump usermap timer fileops ret2dir'.split(' ');
const STATUS_OF_CRASHES = {
  ...{ null: 270, kernel: 270, code: 270, divide: 256, opcode: 262, port: 269, privileged: 269 },
  ...{ jump: 270, gate: 269, stack: 270, segment: 269 },
};

/** Runs the program set from power-on to the halt. */
async function programSet(name: string, jit = true): Promise<Outcome> {
  // The quiet variants find it by themselves.
  const commandLine = QUIET.some((variant) => variant.name === name) ? '' : 'run=/etc/quiet.sh';
  await using pup = await PupSession.start(await catalogueImage(name), { jit, commandLine });
  return pup.halted();
}

for (const { name, options } of VARIANTS) {
  const { clock, threads } = resolveOptions(options);
  const quiet = clock === 'quiet';
  let first: Outcome;

  test(`${name} runs the program set and halts`, async () => {
    first = await programSet(name);
    const { output } = first;
    assert.match(output, new RegExp(`^pup ${name}, \\d+ KiB free\r\n`));
    assert.match(output, /pup: halted\r\n$/);
    const lines = [
      ...['one two three four', '3 26 147', 'nosuchprogram: not found', '/nosuchfile: not found'],
      ...['forkstorm: 12 started, 12 ended, 0 refused', 'pingpong: 50 rounds, ball 99', 'walker: 40 pages, sum 780'],
      ...['sieve: 669 primes below 5000', 'sieve: 168 primes below 1000', 'sieve: 303 primes below 2000'],
      ...['badcalls: 0 of 18 wrong'],
      threads === 'threads' ? 'threads: 3 threads, sum 60' : 'threads: not in this variant',
      ...Object.entries(STATUS_OF_CRASHES).map(([kind, status]) => `crash: ${kind} ended with status ${status}`),
    ];
    for (const line of lines) assert.ok(output.includes(`\n${line}\r\n`), line);
    assert.not.match(output, /panic|in the kernel/);
  });

  test(`${name}: every exploit runs its payload at CPL 0`, () => {
    const attacks = pupRecords(first.output, 'villain').filter(({ words }) => words[0] === 'ret2usr');
    for (const kind of RET2USR_KINDS) {
      const fields = attacks.map((record) => record.fields).filter((field) => field.get('kind') === kind);
      const stages = fields.map((field) => field.get('stage'));
      if (quiet && kind === 'timer') {
        assert.equal(stages, ['impossible'], kind); // there is no timer interrupt
      } else {
        assert.equal(stages, ['armed', 'ran'], kind);
        assert.is(fields[1]!.get('cpl'), '0', kind);
      }
    }
  });

  test(`${name} does the same each time`, async () => {
    assert.equal(await programSet(name), first);
  });

  if (quiet) {
    test(`${name} does the same without the JIT, and takes no interrupt`, async () => {
      assert.equal(await programSet(name, false), first);
      const vectors = pupRecords(first.output, 'truth').filter(({ words }) => words[0] === 'vector');
      assert.ok(vectors.length > 0);
      assert.not.ok(vectors.some(({ fields }) => Number(fields.get('n')) >= 32 && Number(fields.get('n')) < 48));
    });
  }
}

for (const { name } of INTERACTIVE) {
  test(`${name} is at its prompt, on both consoles, in under ten million instructions`, async () => {
    await using pup = await PupSession.start(await catalogueImage(name));
    const screen: string[][] = [];
    pup.machine.on('screen-text', ({ row, column, character }) => {
      screen[row] ??= Array<string>(80).fill(' ');
      screen[row][column] = String.fromCharCode(character);
    });
    await pup.until(PROMPT);
    const { instructions } = pup.machine.cpu;
    assert.ok(instructions < 10_000_000, `${instructions} instructions`);
    assert.is(await pup.command('echo hello'), 'hello\r\n');
    const rows = screen.map((row) => row.join('').trimEnd());
    assert.equal(rows.slice(1, 4), ['pup# echo hello', 'hello', 'pup#']);
  });
}

test.run();
