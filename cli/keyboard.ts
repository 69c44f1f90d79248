// The user's own terminal as the guest's serial console.
import type { ReadStream } from 'node:tty';
import { UsageError } from './failure.ts';

/** Ctrl-] as it comes from a raw terminal: what telnet and others quit with. */
const QUIT = 0x1d;

/**
 * Hands every key to the guest until the result is disposed of.
 * @param type takes characters, each a byte.
 * @param quit called for Ctrl-].
 * @throws UsageError when the input is no terminal.
 */
export function attachKeyboard(stdin: ReadStream, type: (text: string) => void, quit: () => void): Disposable {
  if (!stdin.isTTY) {
    throw new UsageError('--interactive: expected a terminal as standard input, found none; use --send for scripts');
  }
  const onData = (bytes: Buffer): void => {
    const end = bytes.indexOf(QUIT);
    const typed = end < 0 ? bytes : bytes.subarray(0, end);
    if (typed.length > 0) type(typed.toString('latin1'));
    if (end >= 0) quit();
  };
  stdin.setRawMode(true);
  stdin.on('data', onData);
  stdin.resume();
  return {
    [Symbol.dispose]() {
      stdin.off('data', onData);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}
