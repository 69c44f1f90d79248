// Writes NAME-pins.json, the versions of all packages that an initrd is now made of: `node --import tsx guests/initrd/pins.ts NAME`.
// To be run, and its result tried, when the archive has replaced a pinned version. Node only.

import { writeFile } from 'node:fs/promises';
import { cacheFolder } from '../cache.ts';
import { packagedFiles } from '../fetch/packaged.ts';
import type { Pin } from '../schema.ts';
import { fetchPrograms } from './build.ts';
import { INITRDS } from './index.ts';

const name = process.argv[2] ?? '';
const description = INITRDS.get(name);
if (description === undefined) throw new Error(`give the name of an initrd: ${[...INITRDS.keys()].join(', ')}`);
const { programs, libraries } = await fetchPrograms(description, (wanted) =>
  packagedFiles(wanted, { cache: cacheFolder() }),
);
const pins = new Map<string, Pin>();
for (const { record } of [...programs, ...libraries.packages]) {
  const { version, sha256, size } = record;
  pins.set(record.package, { package: record.package, version, sha256, size });
}
const sorted = [...pins.keys()].sort().map((key) => pins.get(key));
const file = new URL(`./${name}-pins.json`, import.meta.url);
await writeFile(file, `${JSON.stringify(sorted, null, 2)}\n`);
console.log(`${pins.size} packages`);
