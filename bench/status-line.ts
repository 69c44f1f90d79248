// How far a bench is, on one line of the terminal that is written over. Nobody is told where no terminal is.

/** @param text nothing clears the line, which must be done before anything else is printed */
export function status(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
