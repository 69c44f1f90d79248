// CPU time of the thread that runs the machine: what its user waits for. What the engine's own threads take is left out: they compile for whoever asks
// first, and two machines whose modules are equal to the byte are compiled for once.
import { readFileSync } from 'node:fs';

/** Linux's account of the thread that asks, in nanoseconds; other systems have none that this version of node could ask for. */
const ACCOUNT = '/proc/thread-self/schedstat';

function ofThread(): number | undefined {
  try {
    return Number(readFileSync(ACCOUNT, 'utf8').split(' ')[0]) / 1000;
  } catch {
    return undefined;
  }
}

function ofProcess(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Microseconds that this thread has had the CPU, of all threads where the system doesn't tell them apart. */
export const threadTime: () => number = ofThread() === undefined ? ofProcess : () => ofThread()!;
