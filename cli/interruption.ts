// Ctrl-C: the first time it ends what is being done in good order, the second time at once.
import { EXIT } from './exit-code.ts';

/** Runs something that a signal of the user or system aborts. */
export async function interruptible<Result>(run: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
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
