// Virtual durations as people write them.
import { UsageError } from './failure.ts';

const MILLISECONDS = { ms: 1, s: 1000, m: 60_000 } as const;

/**
 * Milliseconds of a duration such as `250ms`, `1.5s` or `2m`.
 * @param option its name, for the message.
 * @throws UsageError
 */
export function parseDuration(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text);
  const duration = match ? Number(match[1]) * MILLISECONDS[match[2] as keyof typeof MILLISECONDS] : 0;
  if (duration > 0 && Number.isFinite(duration)) return duration;
  throw new UsageError(`${option}: expected a time above 0 such as 250ms, 10s or 2m; found "${text}"`);
}

/** Milliseconds as seconds, for people. */
export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(3)} s`;
