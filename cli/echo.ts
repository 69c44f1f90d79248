// Tells the echo of a typed line from the guest's answer to it.

const ESC = '\x1b';
const IGNORED = '\r\x07';

/** Index behind a control sequence that begins at `at` (ECMA-48, 5.4); undefined when its end is not there yet. */
function sequenceEnd(text: string, at: number): number | undefined {
  if (at + 1 >= text.length) return undefined;
  if (text[at + 1] !== '[') return at + 2;
  for (let i = at + 2; i < text.length; i++) {
    if (text[i]! >= '@' && text[i]! <= '~') return i + 1;
  }
  return undefined;
}

/**
 * Where the answer to a line begins in what the console shows. A guest that echoes shows the line and a line feed first, with
 * control sequences of its line editor in between; one that does not shows its answer at once.
 * @param from index of the text at which the line was typed.
 * @returns undefined while what is there may still be part of an echo.
 */
export function answerStart(text: string, from: number, line: string): number | undefined {
  const expected = `${line}\n`;
  let matched = 0;
  let i = from;
  // A prompt that was named without the blank at its end.
  while (text[i] === ' ' && expected[0] !== ' ') i++;
  while (i < text.length) {
    const character = text[i]!;
    if (character === ESC) {
      const end = sequenceEnd(text, i);
      if (end === undefined) return undefined;
      i = end;
    } else if (IGNORED.includes(character)) i++;
    // At the right margin line editors write a character and step back, to make the terminal wrap.
    else if (text[i + 1] === '\b') i += 2;
    else if (character === expected[matched]) {
      matched++;
      i++;
      if (matched === expected.length) return i;
    } else return from;
  }
  return undefined;
}
