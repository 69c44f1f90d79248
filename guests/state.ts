// Whether a guest can run now, and if not, what it takes. Looks at the disk only. Node only.

import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cacheFolder } from './cache.ts';
import { SEABIOS, SEABIOS_VGA } from './catalogue/firmware.ts';
import { PackageCache } from './fetch/record.ts';
import type { InitrdDescription } from './initrd/description.ts';
import { INITRDS } from './initrd/index.ts';
import { librariesOf } from './initrd/libraries.ts';
import { type FoundGuest, pathOf } from './load.ts';
import { isBiosGuest, type Source } from './schema.ts';

/** State of a guest; sizes in bytes. */
export type GuestState =
  /** All of it comes with Wolfden, or is the user's own files. */
  | { readonly kind: 'embedded' | 'local'; readonly size: number }
  /** All of it has been fetched. */
  | { readonly kind: 'cached'; readonly size: number; readonly versions: readonly string[] }
  /** `size` is what there is to download, as far as the catalogue knows. */
  | { readonly kind: 'to-fetch'; readonly size: number; readonly packages: readonly string[] }
  | { readonly kind: 'unavailable'; readonly why: string };

/** What state a guest is in. Files of the cache are not read, only looked for. */
export async function guestState(
  found: FoundGuest,
  options: { readonly cache?: string; readonly environment?: NodeJS.ProcessEnv } = {},
): Promise<GuestState> {
  const environment = options.environment ?? process.env;
  const cache = new PackageCache(options.cache ?? cacheFolder(environment));
  const versions: string[] = [];
  const missing: { name: string; size: number }[] = [];
  let size = 0;
  let local = false;
  for (const source of sourcesOf(found)) {
    if ('packaged' in source) {
      const { packaged } = source;
      const record = await cache.record(packaged);
      if (record !== undefined && (await cache.hasFiles(record))) {
        versions.push(`${record.package} ${record.version}`);
        size += record.files.reduce((sum, file) => sum + file.size, 0);
      } else missing.push({ name: packaged.pin?.package ?? packaged.package, size: packaged.pin?.size ?? 0 });
    } else {
      const path = pathOf(source, found);
      const file = await stat(path).catch(() => undefined);
      if (file === undefined) return { kind: 'unavailable', why: `${path} is missing` };
      local ||= 'file' in source;
      size += file.size;
    }
  }
  if (missing.length > 0) {
    if (!(await isProgram('apt-get', environment))) {
      return { kind: 'unavailable', why: 'not fetched, and there is no apt-get here: use --deb FILE' };
    }
    const download = missing.reduce((sum, one) => sum + one.size, 0);
    return { kind: 'to-fetch', size: download, packages: missing.map((one) => one.name) };
  }
  if (versions.length > 0) return { kind: 'cached', size, versions };
  return { kind: local ? 'local' : 'embedded', size };
}

/** Everything that a guest is made of. */
function sourcesOf({ guest }: FoundGuest): Source[] {
  if (isBiosGuest(guest)) {
    const { bios = { packaged: SEABIOS }, vgaBios = { packaged: SEABIOS_VGA }, disk } = guest;
    return [disk, bios, vgaBios];
  }
  const sources: Source[] = [guest.kernel, ...guest.modules.map((module) => module.source)];
  if (guest.initrd === undefined) return sources;
  if (!('built' in guest.initrd)) return [...sources, guest.initrd];
  const description = INITRDS.get(guest.initrd.built);
  return description === undefined ? sources : [...sources, ...partsOf(description)];
}

/** What an initrd is built from. Its libraries are found when it is built; until then the pins say what they were before. */
function partsOf({ files, programs = [], libraries = [] }: InitrdDescription): Source[] {
  const suite = programs[0]?.suite ?? '';
  const own = new Set(programs.map((one) => one.package));
  return [
    ...files.flatMap((file) => ('from' in file ? [{ packaged: file.from }] : [])),
    ...programs.map((packaged) => ({ packaged })),
    ...libraries
      .filter((pin) => !own.has(pin.package))
      .map((pin) => ({ packaged: librariesOf(suite, pin.package, libraries) })),
  ];
}

async function isProgram(name: string, environment: NodeJS.ProcessEnv): Promise<boolean> {
  for (const folder of (environment.PATH ?? '').split(delimiter)) {
    if (folder === '') continue;
    const there = await access(join(folder, name), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return true;
  }
  return false;
}
