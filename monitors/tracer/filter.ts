// Hears of those few events of a kind that are of interest; the others are passed over in WebAssembly, which costs a tenth of a call of JavaScript.
import {
  DECISION,
  type EventKind,
  type Machine,
  type Subscription,
  type WasmListener,
  wasm,
} from '../../emulator/index.ts';
import { toldBy } from './told.ts';

const { code } = wasm;
const { call, end, globalGet, i32Const, if_, localGet, return_ } = wasm.assembler;

const LISTENER = { params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] } as const;
const TOLD = { params: [], results: ['i32'] } as const;

/** Leaves the raw integers of the event. */
export const EVENT = { a: localGet(1), b: localGet(2), c: localGet(3) } as const;
/** Leaves the filter's level. */
export const LEVEL = globalGet(0);

interface Exports {
  readonly listen: WasmListener;
  readonly level: WebAssembly.Global<'i32'>;
}

function compile(condition: wasm.Code): WebAssembly.Module {
  const body = code(condition, if_(), call(0), return_, end, i32Const(DECISION.allow));
  const bytes = wasm.buildModule({
    imports: [{ kind: 'function', module: 'monitor', name: 'told', type: TOLD }],
    functions: [{ type: LISTENER, body: { code: body }, exportAs: 'listen' }],
    globals: [{ type: 'i32', mutable: true, init: 0 }],
    exports: [{ name: 'level', kind: 'global', index: 0 }],
  });
  return new WebAssembly.Module(bytes as BufferSource);
}

/** Tells of an event when a condition holds. */
export class Filter implements Disposable {
  readonly #level: WebAssembly.Global<'i32'>;
  readonly #subscriptions: readonly Subscription[];
  #set = 0;

  /** @param condition code that leaves nonzero for what is to be told; it may use `EVENT` and `LEVEL` */
  constructor(machine: Machine, kind: EventKind, condition: wasm.Code, told: () => void) {
    const monitor = toldBy(machine, told);
    const { exports } = new WebAssembly.Instance(compile(condition), { monitor: { told: monitor.told } });
    const { listen, level } = exports as unknown as Exports;
    this.#level = level;
    this.#subscriptions = [machine.on(kind, listen), monitor.raises];
  }

  /** A number that conditions may use, 0 at first. */
  set level(value: number) {
    // To set a global is a call out of compiled JavaScript.
    if (value !== this.#set) this.#level.value = value;
    this.#set = value;
  }

  [Symbol.dispose](): void {
    for (const one of this.#subscriptions) one[Symbol.dispose]();
  }
}
