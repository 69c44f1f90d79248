// Ctrl-C: the first time it ends what is being done in good order, the second time at once.
import { EXIT } from './exit-code.ts';

/** One Ctrl-C comes twice within milliseconds when npm or timeout hands it on: only a later one is a second one. */
const SAME_MS = 500;

/** Runs something that a signal of the user or system aborts. */
export async function interruptible<Result>(run: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  let first = 0;
  const interrupt = (): void => {
    const now = performance.now();
    if (!controller.signal.aborted) first = now;
    else if (now - first > SAME_MS) process.exit(EXIT.interrupted);
    controller.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, interrupt);
  try {
    return await run(controller.signal);
  } finally {
    for (const name of signals) process.off(name, interrupt);
  }
}
