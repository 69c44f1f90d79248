// The probe service in WebAssembly, for one probe whose listener is WebAssembly, too: between the INT3 and the listener there is no JavaScript.

import type { PhysAddr, VirtAddr } from '../address.ts';
import { DECISION } from '../events/kinds.ts';
import {
  block,
  brIf,
  call,
  code,
  else_,
  end,
  globalGet,
  globalSet,
  i32Add,
  i32And,
  i32Const,
  i32Eq,
  i32Eqz,
  i32Ne,
  if_,
  localGet,
  return_,
} from '../wasm/assembler.ts';
import { buildModule, type ValueType } from '../wasm/index.ts';
import type { WasmHookHandler } from './hook-table.ts';
import { loadWord, storeWord } from './instrument/instrumenter.ts';
import { tlbEntry } from './instrument/tlb-code.ts';
import { STATE, TLB } from './state.ts';

/** What JavaScript does: all probes but that one, an instruction of its that may run again, and the stop that its listener asks for. */
export interface SlowService {
  begin(): number;
  /** @param wasFast whether the instruction that ended is that probe's; then its stack pointer and CR3 before it follow. */
  end(faulted: number, wasFast: number, stack: number, space: number): number;
  stop(): void;
}

/** Which instruction is probed. */
export interface FastPlace {
  readonly virtual: VirtAddr;
  readonly physical: PhysAddr;
  /** Linear address of guest-physical address 0. */
  readonly ramBase: number;
}

interface Exports {
  readonly service: WasmHookHandler;
  readonly original: WebAssembly.Global<'i32'>;
  readonly hits: WebAssembly.Global<'i32'>;
  readonly wasFast: WebAssembly.Global<'i32'>;
}

const NOTHING = -1;
const PAGE = ~0xfff;
const ESP = STATE.generalRegisters + 4 * 4;
const LISTENER = { params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] } as const;

const [ENDED, FAULTED] = [1, 2] as const;
const [LISTEN, BEGIN, END, STOP] = [0, 1, 2, 3] as const;
/** Globals: the byte under the INT3, or NOTHING while JavaScript has to look; hits; and of the last hit whether it was this probe's, its ESP and CR3. */
const [ORIGINAL, HITS, WAS_FAST, STACK, SPACE] = [0, 1, 2, 3, 4] as const;

function compile({ virtual, physical, ramBase }: FastPlace): WebAssembly.Module {
  const page = i32Const(virtual & PAGE);
  // As `Vmm.fetchedFrom` finds it: by the page that instructions are fetched from, else by the TLB.
  const isThere = code(
    ...[loadWord(STATE.fetchVirtualPage), page, i32Eq, if_('i32')],
    ...[loadWord(STATE.fetchPage), i32Const(physical ^ virtual), i32Eq, else_],
    ...[
      code(i32Const(virtual), tlbEntry),
      i32Const(PAGE | TLB.valid),
      i32And,
      i32Const((((ramBase + physical) ^ virtual) & PAGE) | TLB.valid),
      i32Eq,
      end,
    ],
  );
  const body = code(
    ...[localGet(ENDED), if_()],
    ...[localGet(FAULTED), globalGet(WAS_FAST), globalGet(STACK), globalGet(SPACE), call(END), return_, end],
    ...[block(), globalGet(ORIGINAL), i32Const(NOTHING), i32Eq, brIf(0)],
    ...[loadWord(STATE.instructionPointer), i32Const(virtual + 1), i32Ne, brIf(0), isThere, i32Eqz, brIf(0)],
    storeWord(STATE.previousInstructionPointer, i32Const(virtual)),
    ...[i32Const(1), globalSet(WAS_FAST), loadWord(ESP), globalSet(STACK), loadWord(STATE.cr3), globalSet(SPACE)],
    ...[globalGet(HITS), i32Const(1), i32Add, globalSet(HITS)],
    // The listener may take the probe away: its instruction runs all the same.
    ...[globalGet(ORIGINAL), localGet(0), i32Const(virtual), i32Const(physical), i32Const(0), call(LISTEN)],
    ...[i32Const(DECISION.stop), i32Eq, if_(), call(STOP), end, return_, end],
    ...[i32Const(0), globalSet(WAS_FAST), call(BEGIN)],
  );
  const integers = (count: number): ValueType[] => Array.from({ length: count }, () => 'i32');
  const imported = (name: string, params: number, results: number) =>
    ({
      kind: 'function',
      module: 'host',
      name,
      type: { params: integers(params), results: integers(results) },
    }) as const;
  const global = { type: 'i32', mutable: true } as const;
  const bytes = buildModule({
    imports: [
      ...[imported('listen', 4, 1), imported('begin', 0, 1), imported('end', 4, 1), imported('stop', 0, 0)],
      { kind: 'memory', module: 'host', name: 'memory', memory: { limits: { min: 1 } } },
    ],
    functions: [{ type: LISTENER, body: { code: body }, exportAs: 'service' }],
    globals: [NOTHING, 0, 0, 0, 0].map((init) => ({ ...global, init })),
    exports: [
      { name: 'original', kind: 'global', index: ORIGINAL },
      { name: 'hits', kind: 'global', index: HITS },
      { name: 'wasFast', kind: 'global', index: WAS_FAST },
    ],
  });
  return new WebAssembly.Module(bytes as BufferSource);
}

/** One probe's service. Hits at other places, and its own while it is not armed, go to JavaScript. */
export class FastProbe {
  readonly #exports: Exports;

  constructor(place: FastPlace, listen: WasmHookHandler, slow: SlowService, memory: WebAssembly.Memory) {
    const { exports } = new WebAssembly.Instance(compile(place), { host: { ...slow, listen, memory } });
    this.#exports = exports as unknown as Exports;
  }

  /** To be put at the hook of the service `probe`. */
  get service(): WasmHookHandler {
    return this.#exports.service;
  }

  get hits(): number {
    return this.#exports.hits.value >>> 0;
  }

  /** Whether the last hit of all was this probe's, told by its listener. */
  get wasLast(): boolean {
    return this.#exports.wasFast.value !== 0;
  }

  /** Arms it with the byte that the INT3 hides; undefined leaves its hits to JavaScript. */
  arm(original: number | undefined): void {
    this.#exports.original.value = original ?? NOTHING;
  }
}
