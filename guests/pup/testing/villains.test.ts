// The villains do what they say: loggers see the keys, the rootkit hides, hangs hang.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bootPup } from './boot.ts';
import { catalogueImage } from './catalogue.ts';
import { PROMPT, records, scancodes, typing } from './run.ts';

const image = await catalogueImage('pup');
const TEXT = 'echo secret\n';
const pressed = scancodes(TEXT).filter((code) => code < 0x80);
const characters = [...TEXT].map((character) => character.charCodeAt(0));

/** All keys that a logger has reported, in order. */
const loggedKeys = (output: string, logger: string) =>
  records(output, 'villain')
    .filter(({ words, fields }) => words[0] === logger && fields.has('keys'))
    .flatMap(({ fields }) => fields.get('keys')!.split(',').map(Number));

for (const [logger, expected] of [
  ['keylog-device', pressed],
  ['keylog-batch', pressed],
  ['keylog-delay', pressed],
  ['keylog-relay', pressed],
  ['keylog-hook', pressed],
  ['keylog-tap', characters],
] as const) {
  test(`${logger} gets every key, and the shell does too`, async () => {
    const steps = [
      { until: PROMPT, send: `${logger} &\n` },
      { until: 'stage=armed', keys: scancodes(TEXT) },
      { until: '\nsecret\r\n', send: 'sleep 130\n' },
      { until: 'sleep 130' },
      { until: PROMPT },
    ];
    const { output, end } = await bootPup(image, { steps });
    assert.is(end, 'done', output);
    assert.equal(loggedKeys(output, logger).slice(0, expected.length), expected);
  });
}

test('keylog-poll sees keys that are held down for some time', async () => {
  const [press] = scancodes('a');
  const release = press! | 0x80;
  const steps = [
    { until: PROMPT, send: 'keylog-poll &\n' },
    { until: 'stage=armed', keys: [press!] },
    { until: 'keys=', keys: [release] },
    { until: '\r\n', keys: scancodes('b').slice(0, 1) },
    { until: 'keys=' },
    { until: '\n' },
  ];
  const { output } = await bootPup(image, { steps });
  assert.equal(loggedKeys(output, 'keylog-poll'), [press, scancodes('b')[0]]);
});

test('keylog-shell is a shell that reports each line typed into it', async () => {
  const steps = [
    { until: PROMPT, send: 'keylog-shell\n' },
    { until: PROMPT, keys: scancodes(TEXT) },
    { until: '\nsecret' },
  ];
  const { output, end } = await bootPup(image, { steps });
  assert.is(end, 'done');
  assert.equal(loggedKeys(output, 'keylog-shell'), characters);
});

for (const way of ['filter', 'unlink']) {
  test(`rootkit ${way} hides a process from ps while it runs`, async () => {
    const { output } = await bootPup(image, { steps: typing(`rootkit ${way} 30`, 'truth') });
    const stages = records(output, 'villain').map(({ fields }) => fields);
    assert.equal(
      stages.map((fields) => [fields.get('stage'), fields.get('listed')]),
      [
        ['before', '1'],
        ['hidden', '0'],
        ['restored', '1'],
      ],
    );
    const worker = records(output, 'truth').find(({ fields }) => fields.get('pid') === stages[0]!.get('worker'));
    assert.ok(Number(worker!.fields.get('syscalls')) > 5, 'it went on while hidden');
  });
}

const FULL = ['loop-on', 'loop-off', 'double-lock', 'corrupt-list', 'timer-off', 'livelock', 'storm'];
for (const kind of [...FULL, 'lost-unlock']) {
  test(`after hang ${kind} the console is dead`, async () => {
    const steps = [
      { until: PROMPT, send: `hang ${kind} &\n` },
      { until: `kind=${kind}`, send: 'echo alive\n' },
      { until: '\nalive' },
    ];
    const { output, end } = await bootPup(image, { steps, limitMs: 2000 });
    assert.is(end, 'exhausted', output);
  });
}

for (const kind of ['lost-wakeup', 'polite', 'deadlock']) {
  test(`hang ${kind} in the background leaves the shell alive`, async () => {
    const steps = [
      { until: PROMPT, send: `hang ${kind} &\n` },
      { until: `kind=${kind}`, send: 'echo alive\n' },
      { until: '\nalive' },
    ];
    assert.is((await bootPup(image, { steps, limitMs: 5000 })).end, 'done');
  });
}

test.run();
