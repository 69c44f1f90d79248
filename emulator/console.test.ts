import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GuestConsole } from './console.ts';
import type { Vmm } from './v86/vmm.ts';

function talking(): { console: GuestConsole; say(text: string): void } {
  let put: (byte: number) => void = () => {};
  const add_listener = (name: string, listener: (byte: number) => void) => {
    if (name === 'serial0-output-byte') put = listener;
  };
  const console = new GuestConsole({ emulator: { add_listener }, emit: () => {} } as unknown as Vmm);
  return {
    console,
    say: (text) => {
      for (const character of text) put(character.charCodeAt(0));
    },
  };
}

test('what a console has said, whole and from any position on', () => {
  const { console, say } = talking();
  let said = '';
  for (let line = 0; line < 12_000; line++) {
    const text = `line ${line}\r\n`;
    say(text);
    said += text;
    if (line % 997 !== 0) continue;
    assert.is(console.length, said.length);
    for (const from of [0, said.length >> 1, said.length - 20, said.length, said.length + 5])
      assert.is(console.since(from), said.slice(from));
  }
  assert.is(console.text, said);
});

test('a restored text goes on', () => {
  const { console, say } = talking();
  say('lost');
  console.text = 'kept, ';
  say('new');
  assert.is(console.text, 'kept, new');
  assert.is(console.since(4), ', new');
});

test.run();
