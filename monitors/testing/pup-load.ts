// What a pup does while a monitor learns: everyday work, heavy work, and long waits of every sort that a program may make.
import type { PupSession } from '../../guests/pup/testing/session.ts';
import { PROMPT } from '../../guests/pup/testing/session.ts';

const ROUNDS = 3;
const LINES = [
  'ls | wc',
  'forkstorm 40',
  'pingpong 100',
  'sieve 60000 & walker 200 & pingpong 200 & wait',
  'cat /etc/motd | sort | wc',
  'threads 8',
  'sieve 300000',
  'crash all',
  'ps',
  'spin 50',
];
const END_OF_FILE = '\x04';

/** Works, then waits for a while. @param quiet virtual milliseconds without work */
export async function pupLoad(pup: PupSession, quiet: number): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) for (const line of LINES) await pup.command(line);
  // Who reads the console, who reads a pipe, who sleeps, and who waits for a child.
  pup.type(`sleep ${Math.ceil(quiet / 10)} & cat | cat\n`);
  await pup.machine.run({ for: quiet });
  pup.type(END_OF_FILE);
  await pup.until(PROMPT);
}
