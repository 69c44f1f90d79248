// The folder for what was fetched or built and can be had again.
// Source of the default place: XDG Base Directory Specification.
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The cache folder: `WOLFDEN_CACHE`, else `wolfden` in `XDG_CACHE_HOME`, else in `~/.cache`. It need not exist. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.WOLFDEN_CACHE) return environment.WOLFDEN_CACHE;
  const xdg = environment.XDG_CACHE_HOME;
  // The specification says that a relative path is to be ignored.
  return join(xdg && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'wolfden');
}
