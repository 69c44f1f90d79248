// Hears of returns to programs, in WebAssembly: each interrupt and system call ends in one, and few are of interest.
import { DECISION, type Machine, type Subscription, type WasmListener, wasm } from '../../emulator/index.ts';

const { code } = wasm;
const { call, end, globalGet, i32And, i32Const, i32Eq, i32Ne, if_, localGet, return_ } = wasm.assembler;

const LISTENER = { params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] } as const;
const RETURNED = { params: [], results: ['i32'] } as const;
const USER = 3;

interface Exports {
  readonly change: WasmListener;
  readonly awaited: WebAssembly.Global<'i32'>;
}

function compile(): WebAssembly.Module {
  const awaited = 0;
  // cpl-change: the old level and the new one.
  const change = code(
    ...[globalGet(awaited), i32Const(0), i32Ne, localGet(2), i32Const(USER), i32Eq, i32And],
    ...[if_(), call(0), return_, end, i32Const(DECISION.allow)],
  );
  const bytes = wasm.buildModule({
    imports: [{ kind: 'function', module: 'monitor', name: 'returned', type: RETURNED }],
    functions: [{ type: LISTENER, body: { code: change }, exportAs: 'change' }],
    globals: [{ type: 'i32', mutable: true, init: 0 }],
    exports: [{ name: 'awaited', kind: 'global', index: awaited }],
  });
  return new WebAssembly.Module(bytes as BufferSource);
}

/** Tells of returns while calls are awaited. */
export class Returns implements Disposable {
  readonly #awaited: WebAssembly.Global<'i32'>;
  readonly #subscriptions: readonly Subscription[];
  #failure: { readonly error: unknown } | undefined;

  constructor(machine: Machine, told: () => void) {
    const returned = (): number => {
      try {
        told();
        return DECISION.allow;
      } catch (error) {
        // It must not unwind the CPU: the run ends with it.
        this.#failure ??= { error };
        return DECISION.stop;
      }
    };
    const { exports } = new WebAssembly.Instance(compile(), { monitor: { returned } });
    const { change, awaited } = exports as unknown as Exports;
    this.#awaited = awaited;
    this.#subscriptions = [machine.on('cpl-change', change), machine.afterSlice(() => this.#raise())];
  }

  /** How many calls are awaited. */
  await(calls: number): void {
    this.#awaited.value = calls;
  }

  [Symbol.dispose](): void {
    for (const one of this.#subscriptions) one[Symbol.dispose]();
  }

  #raise(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
  }
}
