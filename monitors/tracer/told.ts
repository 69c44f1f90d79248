// Calls of JavaScript out of WebAssembly listeners.
import { DECISION, type Machine, type Subscription } from '../../emulator/index.ts';

/**
 * Makes an import of a WebAssembly listener that tells JavaScript. An error must not unwind the CPU: the machine stops, and the run ends with it.
 * @returns the import, which returns the decision, and what raises errors while it is not disposed of
 */
export function toldBy(
  machine: Machine,
  told: () => void,
): { readonly told: () => number; readonly raises: Subscription } {
  let failure: { readonly error: unknown } | undefined;
  const guarded = (): number => {
    try {
      told();
      return DECISION.allow;
    } catch (error) {
      failure ??= { error };
      return DECISION.stop;
    }
  };
  const raises = machine.afterSlice(() => {
    const raised = failure;
    failure = undefined;
    if (raised) throw raised.error;
  });
  return { told: guarded, raises };
}
