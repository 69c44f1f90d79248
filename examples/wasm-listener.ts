// A listener in AssemblyScript: v86 calls it without JavaScript in between. Compiled here; a monitor of your own is compiled once.
import { instantiate } from '@assemblyscript/loader';
import asc from 'assemblyscript/asc';
import { bootGuest, type WasmListener } from '../index.ts';

const SOURCE = `
  let writes: i32 = 0;
  let last: i32 = 0;
  let rallies: i32 = 0;

  // The raw integers of a cr3-write: old value, new value, cause. 0 lets it happen.
  export function listen(kind: i32, old: i32, value: i32, cause: i32): i32 {
    writes++;
    if (value != old && value == last) rallies++;
    last = old;
    return 0;
  }
  export function count(): i32 { return writes; }
  export function backAndForth(): i32 { return rallies; }
`;
const { binary, stderr } = await asc.compileString(SOURCE, { optimizeLevel: 3, runtime: 'stub' });
if (binary === null) throw new Error(stderr.toString());
// The functions themselves are needed, not the loader's wrappers around them: hence `instance.exports`.
const { instance } = await instantiate(binary);
const { listen, count, backAndForth } = instance.exports as {
  listen: WasmListener;
  count(): number;
  backAndForth(): number;
};

const machine = await bootGuest('pup');
machine.on('cr3-write', listen);
machine.type('pingpong 100\n');
await machine.run({ until: 'pup# ' });
console.log(`${count()} writes to CR3, ${backAndForth()} of them back to the address space before`);
await machine.close();
