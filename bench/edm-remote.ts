// The counting monitor of bench/edm-events.ts away from the machine: in a worker thread with shared memory, or in a process behind two pipes.
import { openSync, readSync, writeSync } from 'node:fs';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';

/** Words of the memory that machine and worker share. */
export const SHARED = { turn: 0, kind: 1, a: 2, b: 3, c: 4, count: 5, words: 6 } as const;

/** Whose turn it is. */
export const TURN = { machine: 0, monitor: 1, end: 2 } as const;

/** Four words of an event, or one of an answer, on a pipe. */
export const EVENT_BYTES = 16;
export const ANSWER_BYTES = 4;

/** How a worker waits for its turn. */
export type Waiting = 'blocking' | 'spinning';

function countShared(memory: SharedArrayBuffer, waiting: Waiting): void {
  const words = new Int32Array(memory);
  parentPort?.postMessage('ready');
  for (;;) {
    if (waiting === 'blocking') Atomics.wait(words, SHARED.turn, TURN.machine);
    const turn = Atomics.load(words, SHARED.turn);
    if (turn === TURN.end) return;
    if (turn !== TURN.monitor) continue;
    words[SHARED.count]!++;
    Atomics.store(words, SHARED.turn, TURN.machine);
    if (waiting === 'blocking') Atomics.notify(words, SHARED.turn);
  }
}

function countPiped(events: string, answers: string): void {
  const [from, to] = [openSync(events, 'r'), openSync(answers, 'w')];
  const event = Buffer.alloc(EVENT_BYTES);
  const answer = Buffer.alloc(ANSWER_BYTES);
  for (let count = 1; readSync(from, event) === EVENT_BYTES; count++) {
    answer.writeUInt32LE(count);
    writeSync(to, answer);
  }
}

const shared = workerData as { readonly memory: SharedArrayBuffer; readonly waiting: Waiting } | null;
if (!isMainThread && shared?.memory) countShared(shared.memory, shared.waiting);
else if (process.argv[2] === 'piped') countPiped(process.argv[3]!, process.argv[4]!);
