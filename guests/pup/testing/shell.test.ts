// The shell and the terminal, as a user meets them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { catalogueImage, PROMPT, PupSession, scancodes } from './session.ts';

const image = await catalogueImage('pup');
const CTRL_C = '\x03';
const CTRL_D = '\x04';
const UP = '\x1b[A';

/** A pup at its prompt. */
async function atPrompt(): Promise<PupSession> {
  const pup = await PupSession.start(image);
  await pup.until(PROMPT);
  return pup;
}

test('pipes, quotes, redirection and several commands in a line', async () => {
  await using pup = await atPrompt();
  for (const [line, output] of [
    ['echo b; echo "a  c" ; echo last', 'b\r\na  c\r\nlast\r\n'],
    ['cat /etc/motd | sort | sort -r | wc', '3 26 147\r\n'],
    ['echo x > /dev/null', ''],
    ['wc < /etc/motd', '3 26 147\r\n'],
    ['| wc', 'sh: bad pipeline\r\n'],
    ['echo a |', 'sh: bad pipeline\r\n'],
  ] as const) {
    assert.is(await pup.command(line), output, line);
  }
});

test('a background job runs beside the shell, which waits for it when told', async () => {
  await using pup = await atPrompt();
  assert.match(await pup.command('sleep 50 &'), /^\[\d+\]\r\n$/);
  const listed = async () => Number((await pup.command('ps | wc')).split(' ')[0]);
  const during = await listed();
  await pup.command('wait');
  assert.is(during - (await listed()), 1);
});

test('ctrl-C ends the program in the foreground, not the shell', async () => {
  await using pup = await atPrompt();
  pup.type('cat\n');
  await pup.until('cat\r\n');
  pup.type('typed\n');
  await pup.until('typed\r\ntyped\r\n');
  pup.type(CTRL_C);
  await pup.until('^C\r\nsh: ');
  await pup.until(` ended with status 128\r\n${PROMPT}`);
  assert.is(await pup.command('echo alive'), 'alive\r\n');
});

test('ctrl-D ends the input of a program; backspace and ctrl-U edit its line', async () => {
  await using pup = await atPrompt();
  pup.type('wc\n');
  await pup.until('wc\r\n');
  pup.type(`wrong\x15one twx\x7fo\n${CTRL_D}`);
  await pup.until(PROMPT);
  assert.match(pup.output, /\r\n1 2 8\r\npup# $/);
});

test('the arrow key brings back lines, also from the keyboard', async () => {
  await using pup = await atPrompt();
  const up = [0xe0, 0x48, 0xe0, 0xc8];
  assert.is(await pup.command('echo one'), 'one\r\n');
  assert.is(await pup.command('echo two'), 'two\r\n');
  assert.is(await pup.command('', `${UP}${UP}\n`), 'one\r\n');
  assert.is(await pup.command('', [...up, ...up, ...scancodes('\n')]), 'two\r\n');
  const lines = ['echo one', 'echo two', 'echo one', 'echo two', 'history'];
  assert.is(await pup.command('history'), lines.map((line, i) => `  ${i + 1} ${line}\r\n`).join(''));
});

test('the keyboard types, with shift', async () => {
  await using pup = await atPrompt();
  const shifted = [0x2a, ...scancodes('a1'), 0xaa];
  assert.is(await pup.command('', [...scancodes('echo '), ...shifted, ...scancodes('-\n')]), 'A!-\r\n');
});

test('a shell that exits is replaced, and halt stops the machine', async () => {
  await using pup = await atPrompt();
  assert.is(await pup.command('exit'), '');
  pup.type('shutdown\n');
  const { output } = await pup.halted();
  assert.match(output, /pup# exit\r\npup# shutdown\r\npup: halted\r\n$/);
});

test('a script on the command line runs instead of the shell', async () => {
  await using pup = await PupSession.start(image, { commandLine: 'quiet run=/etc/load.sh x' });
  const { output } = await pup.halted();
  assert.match(output, /\+ pingpong 300\r\npingpong: 300 rounds, ball 87\r\n/);
  assert.match(output, /top: \d+ processes/);
});

test.run();
