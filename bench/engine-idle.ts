// Waits for the engine's own threads, so that what they compile is charged to the work that made them.
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two looks, and microseconds of the CPU in between below which nothing runs but the looks. */
const PAUSE = 20;
const IDLE = 2000;

/** Waits until the engine has compiled what it was given to compile. */
export async function engineIsIdle(): Promise<void> {
  for (let spent = Number.POSITIVE_INFINITY; spent > IDLE; ) {
    const before = process.cpuUsage();
    await sleep(PAUSE);
    const { user, system } = process.cpuUsage(before);
    spent = user + system;
  }
}
