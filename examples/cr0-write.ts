// Event `cr0-write`: the CPU changes its mode. Watches a kernel come up, from its first instruction.
import { loadGuest } from '../index.ts';

/** Bits of CR0 (SDM vol. 3, 2.5). */
const BITS: Record<string, number> = {
  PE: 0,
  MP: 1,
  EM: 2,
  TS: 3,
  ET: 4,
  NE: 5,
  WP: 16,
  AM: 18,
  NW: 29,
  CD: 30,
  PG: 31,
};
const names = (value: number) =>
  Object.keys(BITS)
    .filter((name) => (value >>> BITS[name]!) & 1)
    .join(' ');

const machine = await loadGuest('pup'); // not bootGuest: it stands before the first instruction
machine.on('cr0-write', ({ old, value, cause }) => {
  console.log(`${cause}: ${names(old)} -> ${names(value)}`);
  const paging = ((value & ~old) >>> BITS.PG!) & 1;
  if (paging) console.log('from here on addresses are virtual');
});
await machine.run({ until: 'pup# ' });
await machine.close();
