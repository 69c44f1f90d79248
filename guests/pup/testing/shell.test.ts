// The shell and the terminal, as a user meets them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bootPup } from './boot.ts';
import { catalogueImage } from './catalogue.ts';
import { PROMPT, type Step, scancodes, typing } from './run.ts';

const image = await catalogueImage('pup');
const CTRL_C = '\x03';
const CTRL_D = '\x04';
const UP = '\x1b[A';

/** What the commands printed, each without its echo. */
async function outputsOf(steps: Step[]): Promise<string[]> {
  const { output, end } = await bootPup(image, { steps });
  assert.is(end, 'done', output);
  return output
    .split(PROMPT)
    .slice(1, -1)
    .map((text) => text.slice(text.indexOf('\r\n') + 2));
}

test('pipes, quotes, redirection and several commands in a line', async () => {
  const outputs = await outputsOf(
    typing(
      'echo b; echo "a  c" ; echo last',
      'cat /etc/motd | sort | sort -r | wc',
      'echo x > /dev/null',
      'wc < /etc/motd',
      '| wc',
      'echo a |',
    ),
  );
  assert.equal(outputs, [
    'b\r\na  c\r\nlast\r\n',
    '3 26 147\r\n',
    '',
    '3 26 147\r\n',
    'sh: bad pipeline\r\n',
    'sh: bad pipeline\r\n',
  ]);
});

test('a background job runs beside the shell, which waits for it when told', async () => {
  const outputs = await outputsOf(typing('sleep 50 &', 'ps | wc', 'wait', 'ps | wc'));
  const lines = outputs.map((text) => Number(text.split(' ')[0]));
  assert.match(outputs[0]!, /^\[\d+\]\r\n$/);
  assert.is(lines[1]! - lines[3]!, 1);
});

test('ctrl-C ends the program in the foreground, not the shell', async () => {
  const outputs = await outputsOf([
    { until: PROMPT, send: 'cat\n' },
    { until: 'cat\r\n', send: 'typed\n' },
    { until: 'typed\r\ntyped\r\n', send: CTRL_C },
    ...typing('echo alive'),
  ]);
  assert.match(outputs[0]!, /^typed\r\ntyped\r\n\^C\r\nsh: \d+ ended with status 128\r\n$/);
  assert.is(outputs[1], 'alive\r\n');
});

test('ctrl-D ends the input of a program; backspace and ctrl-U edit its line', async () => {
  const steps = [
    { until: PROMPT, send: 'wc\n' },
    { until: 'wc\r\n', send: `wrong\x15one twx\x7fo\n${CTRL_D}` },
    { until: PROMPT },
  ];
  assert.match((await outputsOf(steps))[0]!, /1 2 8\r\n$/);
});

test('the arrow key brings back lines, also from the keyboard', async () => {
  const up = [0xe0, 0x48, 0xe0, 0xc8];
  const outputs = await outputsOf([
    ...typing('echo one', 'echo two').slice(0, 2),
    { until: PROMPT, send: `${UP}${UP}\n` },
    { until: PROMPT, keys: [...up, ...up, ...scancodes('\n')] },
    ...typing('history'),
  ]);
  assert.equal(outputs.slice(0, 4), ['one\r\n', 'two\r\n', 'one\r\n', 'two\r\n']);
  assert.is(
    outputs[4],
    ['echo one', 'echo two', 'echo one', 'echo two', 'history'].map((line, i) => `  ${i + 1} ${line}\r\n`).join(''),
  );
});

test('the keyboard types, with shift', async () => {
  const shifted = [0x2a, ...scancodes('a1'), 0xaa];
  const outputs = await outputsOf([
    { until: PROMPT, keys: [...scancodes('echo '), ...shifted, ...scancodes('-\n')] },
    { until: PROMPT },
  ]);
  assert.is(outputs[0], 'A!-\r\n');
});

test('a shell that exits is replaced, and halt stops the machine', async () => {
  const { output, end } = await bootPup(image, { steps: [...typing('exit', 'shutdown'), { until: 'never' }] });
  assert.is(end, 'halted');
  assert.match(output, /pup# exit\r\npup# shutdown\r\npup: halted\r\n$/);
});

test('a script on the command line runs instead of the shell', async () => {
  const { output, end } = await bootPup(image, { commandLine: 'quiet run=/etc/load.sh x' });
  assert.is(end, 'halted');
  assert.match(output, /\+ pingpong 300\r\npingpong: 300 rounds, ball 87\r\n/);
  assert.match(output, /top: \d+ processes/);
});

test.run();
