// The parts of the command line that only handle text.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EVENT_KINDS } from '../emulator/index.ts';
import { isAtLeast } from './checks.ts';
import { parseDuration } from './duration.ts';
import { answerStart } from './echo.ts';
import { parseKinds } from './event-kinds.ts';
import { TerminalFilter, withoutSequences } from './terminal-text.ts';

test('durations', () => {
  assert.is(parseDuration('250ms', '--for'), 250);
  assert.is(parseDuration('1.5s', '--for'), 1500);
  assert.is(parseDuration('2m', '--for'), 120_000);
  for (const wrong of ['', '0s', '10', '-1s', '1h', '1e9s', 's', ' 1s', `${'9'.repeat(400)}s`])
    assert.throws(() => parseDuration(wrong, '--for'), /--for: expected a time above 0/);
});

test('kinds of event', () => {
  assert.equal(parseKinds('halt, syscall,halt'), ['syscall', 'halt']);
  assert.equal(parseKinds('all'), EVENT_KINDS);
  assert.throws(() => parseKinds('cr3'), /did you mean cr3-write/);
  assert.throws(() => parseKinds(''), /there is no kind ""/);
});

test('versions', () => {
  assert.ok(isAtLeast('20.19.0', '20.19'));
  assert.ok(isAtLeast('22.0.0', '20.19'));
  assert.not(isAtLeast('20.9.5', '20.19'));
});

/** Lines that somebody may type. */
const line = fc.string({ unit: fc.constantFrom(...'abc \'"$#(;'), minLength: 1, maxLength: 20 });

test('an echo is skipped, whole or with what line editors put into it', () => {
  const noise = fc.constantFrom('', '\x1b[6n', '\r', '\x1b[J');
  const property = fc.property(
    line,
    fc.array(noise, { minLength: 21, maxLength: 21 }),
    fc.string(),
    (typed, noises, rest) => {
      const echo = [...typed].map((character, index) => noises[index] + character).join('');
      const text = `shown before# ${echo}\r\n${rest}`;
      assert.is(answerStart(text, 14, typed), 14 + echo.length + 2);
      // While it comes in, nothing of it is taken for an answer.
      for (let end = 14; end < 14 + echo.length + 2; end++)
        assert.is(answerStart(text.slice(0, end), 14, typed), undefined);
    },
  );
  fc.assert(property, { seed: 11 });
});

test('a guest without echo answers at once', () => {
  assert.is(answerStart('# hi\r\n', 2, 'echo hi'), 2);
  assert.is(answerStart('# ', 2, 'echo hi'), undefined);
});

test('a line editor that wraps at the margin', () => {
  assert.is(answerStart('# abc d\bdef\r\nanswer', 2, 'abc def'), 13);
});

test('control sequences are held back until they are whole', () => {
  const text = 'a\x1b[6nb\x1b[31mred\x1b[0m\x1b7c\x1b[0cd';
  const cuts = fc.array(fc.nat({ max: text.length }), { maxLength: 6 });
  const property = fc.property(cuts, (places) => {
    const ends = [...places.sort((a, b) => a - b), text.length];
    const pieces = ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));
    const through = (reader: 'plain' | 'terminal' | 'guest-terminal') => {
      const filter = new TerminalFilter(reader);
      return pieces.map((piece) => filter.pass(piece)).join('');
    };
    assert.is(through('plain'), 'abredcd');
    assert.is(through('terminal'), 'ab\x1b[31mred\x1b[0m\x1b7cd');
    assert.is(through('guest-terminal'), text);
    assert.is(withoutSequences(text), 'abredcd');
  });
  fc.assert(property, { seed: 3 });
});

test.run();
