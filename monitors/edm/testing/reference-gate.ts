// For tests: the gate in plain TypeScript, with a ledger whose pages the test closes. What EDM's core does, here as simple as can be.
import { wasm } from '../../../emulator/index.ts';
import { GATE_SLOT } from '../facts.ts';

const PAGE = 4096;
const WASM_PAGE = 65536;

/** What a ledger byte may say: go on; ask, and be let; ask, and be refused. */
export const LEDGER_BYTE = { open: 0x00, asked: 0x90, closed: 0xa0 } as const;

/** A call of the gate: slot and arguments. */
export type GateCall = readonly [slot: number, a: number, b: number, c: number, d: number];

type Decide = (...call: GateCall) => number;

const GATE_TYPE: wasm.FunctionType = { params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] };

/** WebAssembly functions, for a table takes no others, which call one of JavaScript with the number of their slot before the arguments. */
const ADAPTER = new WebAssembly.Module(
  wasm.buildModule({
    imports: [
      {
        module: 'test',
        name: 'decide',
        kind: 'function',
        type: { params: ['i32', ...GATE_TYPE.params], results: ['i32'] },
      },
    ],
    functions: Object.entries(GATE_SLOT).map(([name, slot]) => ({
      type: GATE_TYPE,
      exportAs: name,
      body: {
        code: wasm.code(
          wasm.assembler.i32Const(slot),
          ...[0, 1, 2, 3].map(wasm.assembler.localGet),
          wasm.assembler.call(0),
        ),
      },
    })),
  }),
);

export class ReferenceGate {
  /** May be set when a module that defines it is there. */
  memory: WebAssembly.Memory;
  readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: Object.keys(GATE_SLOT).length });
  readonly imports: { readonly edm: WebAssembly.ModuleImports };
  readonly calls: GateCall[] = [];
  readonly #ledger: number;

  /** @param ledger linear address of the ledger: one byte for each page of the memory, and one more */
  constructor(memory: WebAssembly.Memory, ledger: number) {
    this.memory = memory;
    this.#ledger = ledger;
    const decide: Decide = (...call) => {
      this.calls.push(call);
      return this.#decide(...call);
    };
    const { exports } = new WebAssembly.Instance(ADAPTER, { test: { decide } });
    for (const [name, slot] of Object.entries(GATE_SLOT)) this.table.set(slot, exports[name]);
    const address = new WebAssembly.Global({ value: 'i32', mutable: false }, ledger);
    this.imports = { edm: { gate: this.table, ledger: address } };
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.memory.buffer);
  }

  /** Says of a page what its ledger byte does. @param value of LEDGER_BYTE */
  setPage(page: number, value: number): void {
    this.bytes[this.#ledger + page] = value;
  }

  /** Whether bytes may be written: none of their pages is closed. Past the end of the memory the engine traps, whatever is said here. */
  mayWrite(first: number, length: number): boolean {
    const { bytes } = this;
    const last = Math.min(first + length, bytes.length) - 1;
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page++)
      if (bytes[this.#ledger + page] === LEDGER_BYTE.closed) return false;
    return true;
  }

  #decide(slot: number, a: number, b: number, c: number, _site: number): number {
    const first = a >>> 0;
    if (slot === GATE_SLOT.check) return Number(this.mayWrite(first, b >>> 0));
    if (slot === GATE_SLOT.state) this.#store(first, b, c);
    if (slot === GATE_SLOT.tlb) this.#store(first, b, 4);
    return slot === GATE_SLOT.grow ? this.#grow(first) : 0;
  }

  #store(first: number, value: number, width: number): void {
    if (!this.mayWrite(first, width) || first + width > this.bytes.length) return;
    for (let i = 0; i < width; i++) this.bytes[first + i] = value >>> (8 * i);
  }

  #grow(pages: number): number {
    try {
      return this.memory.grow(pages);
    } catch {
      return -1;
    }
  }

  /** Pages of 4 KiB. */
  get pages(): number {
    return (this.memory.buffer.byteLength / WASM_PAGE) * (WASM_PAGE / PAGE);
  }
}
