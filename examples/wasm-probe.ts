// A probe with a handler in AssemblyScript, which looks at the guest by what it imports of the machine: no JavaScript runs at a hit.
import { instantiate } from '@assemblyscript/loader';
import asc from 'assemblyscript/asc';
import { bootGuest, virt, type WasmListener } from '../index.ts';

const SOURCE = `
  @external("machine", "register") declare function register(index: i32): i32;
  @external("machine", "word") declare function word(address: u32): i64;

  let forks: i32 = 0;
  let kept: i32 = 0;

  // Virtual and physical address of the instruction. 0 lets the machine go on.
  export function hit(kind: i32, address: i32, physical: i32, unused: i32): i32 {
    if (register(0) == 2) forks++; // EAX: the number of pup's fork
    if (word(register(4)) >= 0) kept++; // the word at ESP: the EIP to go back to, unless the TLB lacks its page
    return 0;
  }
  export function forkCount(): i32 { return forks; }
  export function keptCount(): i32 { return kept; }
`;
const { binary, stderr } = await asc.compileString(SOURCE, { optimizeLevel: 3, runtime: 'stub' });
if (binary === null) throw new Error(stderr.toString());

const machine = await bootGuest('pup');
const { instance } = await instantiate(binary, { machine: { ...machine.reads } });
const { hit, forkCount, keptCount } = instance.exports as {
  hit: WasmListener;
  forkCount(): number;
  keptCount(): number;
};
const { memory, cpu } = machine;
/** A gate's offset is split over its two words (SDM vol. 3, 6.11). */
const gate = (vector: number) => {
  const [low = 0, high = 0] = [0, 4].map((half) => memory.readWord(virt(cpu.idtrBase + 8 * vector + half)));
  return virt((high & 0xffff0000) | (low & 0xffff));
};
const probe = machine.probe(gate(0x80), hit);
machine.type('forkstorm 30\n');
await machine.run({ until: 'pup# ' });
console.log(`${probe.hits > 100 ? 'over a hundred' : probe.hits} system calls, ${forkCount()} of them fork`);
console.log(`the stack was in the TLB at ${keptCount() === probe.hits ? 'each' : keptCount()}`);
await machine.close();
