// How often a blind write into the arena hits EDM when VMM code is not restricted: measured, beside the chance computed from EDM's size.
// Usage: npm run bench:edm-blind [-- TRIES PLACES]. Each place is a machine of its own; every write is undone before the next.

import { makeDen } from '../cli/attack/den.ts';
import { Progress } from '../cli/progress.ts';
import { SeededRandom } from '../emulator/v86/random.ts';
import { findGuest, prepareGuest } from '../guests/index.ts';
import { assembleWat } from '../guests/wolves/wat.ts';
import { hitChance } from '../monitors/edm/index.ts';
import { ARENA_SIZE } from '../monitors/edm/layout.ts';
import { loadEdmAssets } from '../monitors/edm/node/assets.ts';
import { ARENA_START } from '../monitors/edm/placement.ts';

const progress = new Progress(process.stderr);

const [tries = 20_000, places = 40] = process.argv.slice(2).map(Number);

const WRITER = `(module
  (import "v86" "memory" (memory 1))
  (func (export "flip") (param i32)
    (i32.store8 (local.get 0) (i32.xor (i32.load8_u (local.get 0)) (i32.const 0xff)))))`;

const guest = await prepareGuest(await findGuest('pup'));
const assets = await loadEdmAssets();
const writer = await assembleWat('writer.wat', WRITER);
const random = new SeededRandom(1);
const each = Math.ceil(tries / places);
let hits = 0;
let computed = 0;
for (let place = 0; place < places; place++) {
  const den = await makeDen(guest, assets, { ipr: false, asr: true }, place);
  const { edm } = den;
  const { base, size } = edm.placement;
  const { flip } = edm.loadExtension(writer, 'writer').exports as unknown as { flip(address: number): void };
  const reference = Buffer.from(edm.bytes.slice(base, base + size));
  for (let i = 0; i < each; i++) {
    const address = ARENA_START + Math.floor(random.fraction() * ARENA_SIZE);
    flip(address);
    if (Buffer.compare(reference, edm.bytes.subarray(base, base + size)) !== 0) hits++;
    flip(address);
  }
  computed += hitChance(edm.placement) / places;
  await den.machine.close();
  progress.say(`${place + 1} of ${places} places`);
}
progress.end();
const total = each * places;
const rate = hits / total;
const error = Math.sqrt((computed * (1 - computed)) / total);
console.log(`${total} blind writes at ${places} places of EDM: ${hits} hits, ${(100 * rate).toFixed(3)} %`);
console.log(`computed: ${(100 * computed).toFixed(3)} %, standard error ${(100 * error).toFixed(3)} %`);
process.exit(0);
