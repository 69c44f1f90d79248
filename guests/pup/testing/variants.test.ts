// Every variant of the catalogue boots, runs the whole fixed program set (programs/etc/quiet.sh), and halts.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { resolveOptions } from '../options.ts';
import { VARIANTS } from '../variants.ts';
import { bootPup } from './boot.ts';
import { catalogueImage, INTERACTIVE, QUIET } from './catalogue.ts';
import { records, typing } from './run.ts';

const RET2USR_KINDS = 'fnptr partial syscall-table idt gdt return iret jump usermap timer fileops ret2dir'.split(' ');
const STATUS_OF_CRASHES = {
  ...{ null: 270, kernel: 270, code: 270, divide: 256, opcode: 262, port: 269, privileged: 269 },
  ...{ jump: 270, gate: 269, stack: 270, segment: 269 },
};

for (const { name, options } of VARIANTS) {
  const { clock, threads } = resolveOptions(options);
  const quiet = clock === 'quiet';
  test(`${name} runs the program set and halts`, async () => {
    const commandLine = quiet ? {} : { commandLine: 'run=/etc/quiet.sh' };
    const { output, end } = await bootPup(await catalogueImage(name), commandLine);
    assert.is(end, 'halted');
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

  test(`${name}: every exploit runs its payload at CPL 0`, async () => {
    const commandLine = quiet ? {} : { commandLine: 'run=/etc/quiet.sh' };
    const { output } = await bootPup(await catalogueImage(name), commandLine);
    const attacks = records(output, 'villain').filter(({ words }) => words[0] === 'ret2usr');
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
}

for (const { name } of INTERACTIVE) {
  test(`${name} is at its prompt, on both consoles, in under ten million instructions`, async () => {
    const { output, instructions, screen } = await bootPup(await catalogueImage(name), { steps: typing('echo hello') });
    assert.ok(instructions[0]! < 10_000_000, `${instructions[0]} instructions`);
    assert.match(output, /\npup# echo hello\r\nhello\r\npup# $/);
    assert.equal(screen.slice(1, 4), ['pup# echo hello', 'hello', 'pup#']);
  });
}

for (const { name } of QUIET) {
  test(`${name} does the same with the JIT on and off, and each time`, async () => {
    const image = await catalogueImage(name);
    const first = await bootPup(image);
    assert.equal(await bootPup(image), first);
    assert.equal(await bootPup(image, { jit: false }), first);
    const vectors = records(first.output, 'truth').filter(({ words }) => words[0] === 'vector');
    assert.ok(vectors.length > 0);
    assert.not.ok(vectors.some(({ fields }) => Number(fields.get('n')) >= 32 && Number(fields.get('n')) < 48));
  });
}

test.run();
