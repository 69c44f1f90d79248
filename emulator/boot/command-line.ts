// The kernel's command line as bytes in memory.

import { BootImageError } from './error.ts';

/**
 * Encodes a command line with its terminating NUL.
 * @param limit longest line that the kernel takes, in bytes, NUL not counted
 * @throws BootImageError when it is longer, or has control characters
 */
export function encodeCommandLine(file: string, commandLine: string, limit: number): Uint8Array {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const control = /[\0-\x08\x0a-\x1f\x7f]/.exec(commandLine);
  if (control !== null) {
    const found = `character ${control[0].charCodeAt(0)} at position ${control.index}`;
    const expected = 'a command line without control characters';
    throw new BootImageError({ file, expected, found, remedy: 'remove the character from the command line' });
  }
  const text = new TextEncoder().encode(commandLine);
  if (text.length > limit) {
    const expected = `a command line of at most ${limit} bytes`;
    throw new BootImageError({ file, expected, found: `${text.length} bytes`, remedy: 'shorten the command line' });
  }
  const terminated = new Uint8Array(text.length + 1);
  terminated.set(text);
  return terminated;
}
