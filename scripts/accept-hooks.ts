// Writes the hash of the rewritten v86.wasm into emulator/v86/version.ts: to be run, and its diff looked at, when the hooks change on purpose.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { v86Folder } from '../emulator/node/assets.ts';
import { instrument } from '../emulator/v86/instrument/index.ts';

const source = new Uint8Array(readFileSync(join(v86Folder(), 'build', 'v86.wasm')));
const hash = createHash('sha256').update(instrument(source, 'v86.wasm')).digest('hex');
const file = new URL('../emulator/v86/version.ts', import.meta.url);
const text = readFileSync(file, 'utf8');
writeFileSync(file, text.replace(/(HOOKED_SHA256 =\s*')[0-9a-f]{64}/, `$1${hash}`));
console.log(`HOOKED_SHA256 = ${hash}`);
