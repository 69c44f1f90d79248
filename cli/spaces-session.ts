// One run of `wolfden spaces`: boots a guest to its prompt, types lines, and watches address spaces all the while.
import type { RunEnd } from '../emulator/index.ts';
import { type AddressSpace, AddressSpaces } from '../monitors/address-spaces/index.ts';
import { Conversation } from './conversation.ts';
import { LONGEST_WAIT } from './run-guest.ts';
import type { StartedGuest } from './start-guest.ts';

/** What there is to do. */
export interface SpacesRequest {
  readonly prompt: string;
  /** Typed one after the other at the prompt. */
  readonly lines: readonly string[];
  readonly signal: AbortSignal;
  /** Called between slices. */
  readonly redraw: (spaces: () => readonly AddressSpace[]) => void;
}

/** What was seen. */
export interface SpacesResult {
  readonly end: RunEnd;
  /** Whether all lines were typed and the guest was done with them. */
  readonly finished: boolean;
  /** All address spaces in order of birth. */
  readonly all: readonly AddressSpace[];
  /** Those of programs that were born after the first line was typed. */
  readonly fresh: readonly AddressSpace[];
}

/** Runs until the prompt shows after the last line. @throws GuestCrash */
export async function watchSpaces({ machine, atPrompt }: StartedGuest, request: SpacesRequest): Promise<SpacesResult> {
  const { prompt, signal, redraw } = request;
  // A space from before the snapshot is seen when it is next current: an empty line brings in the shell before anything is counted.
  const prelude = atPrompt ? [''] : [];
  const lines = [...prelude, ...request.lines];
  using monitor = new AddressSpaces(machine);
  const conversation = new Conversation({ prompt, lines, until: undefined, awaitPrompt: true, atPrompt }, machine);
  let before = monitor.count;
  const until = (): boolean => {
    redraw(() => monitor.list());
    if (conversation.typed <= prelude.length) before = monitor.count;
    return conversation.advance();
  };
  const end = await machine.run({ until, signal, for: LONGEST_WAIT });
  const all = monitor.list();
  const fresh = all.slice(before).filter(({ user }) => user);
  return { end, finished: end === 'until' || (end === 'halted' && conversation.saidAll), all, fresh };
}
