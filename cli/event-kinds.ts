// The kinds of event that the user has named.
import { EVENT_KINDS, type EventKind, isEventKind } from '../emulator/events/kinds.ts';
import { closeNames } from '../guests/close-names.ts';
import { UsageError } from './failure.ts';

/**
 * Kinds from a comma list, or all of them for `all`; each once, in the order of their numbers.
 * @throws UsageError for a name that is none, with names like it.
 */
export function parseKinds(list: string): readonly EventKind[] {
  const names = list.split(',').map((name) => name.trim());
  if (names.includes('all')) return EVENT_KINDS;
  for (const name of names) {
    if (isEventKind(name)) continue;
    const close = closeNames(name, EVENT_KINDS);
    const remedy = close.length > 0 ? `did you mean ${close.join(' or ')}?` : `there are ${EVENT_KINDS.join(', ')}`;
    throw new UsageError(`--events: there is no kind "${name}"; ${remedy}`);
  }
  return EVENT_KINDS.filter((kind) => names.includes(kind));
}
