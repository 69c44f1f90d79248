// Who is called at each hook: table slots, and the globals that name them to v86's code.

import { call, code, localGet } from '../wasm/assembler.ts';
import { buildModule } from '../wasm/index.ts';
import {
  HOOK_TABLE_SIZE,
  HOOKS,
  type HookName,
  hookNumber,
  slotExport,
  WATCHES,
  type WatchName,
  watchExport,
} from './hook-points.ts';

/** What is called at a hook: raw integers in, a decision or the service's answer out. */
export type HookHandler = (a: number, b: number, c: number) => number;

/** A handler that is a WebAssembly export: it also gets the number of the hook. */
export type WasmHookHandler = (hook: number, a: number, b: number, c: number) => number;

/** Slot 0 stands for nobody; this one calls the handlers in JavaScript. */
const DISPATCH_SLOT = 1;
/** From here on, handlers in WebAssembly, one for each hook. */
const FIRST_WASM_SLOT = 2;

/** The watches that stand for each hook. */
const WATCHES_OF = new Map(
  HOOKS.map((name) => [
    name,
    (Object.entries(WATCHES) as [WatchName, readonly HookName[]][]).filter(([, hooks]) => hooks.includes(name)),
  ]),
);

const I32X4 = { params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] } as const;

/** A table holds WebAssembly functions only: this module gives one JavaScript function that shape. */
function adapt(dispatch: WasmHookHandler): WasmHookHandler {
  const bytes = buildModule({
    imports: [{ kind: 'function', module: 'wolfden', name: 'dispatch', type: I32X4 }],
    functions: [
      {
        type: I32X4,
        body: { code: code(localGet(0), localGet(1), localGet(2), localGet(3), call(0)) },
        exportAs: 'dispatch',
      },
    ],
  });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), { wolfden: { dispatch } });
  return instance.exports.dispatch as WasmHookHandler;
}

/** Sets and clears the listeners of the hooks of one rewritten v86. */
export class HookTable {
  /**
   * The table that hooks call through. It is theirs alone: code of v86 and of its JIT names v86's table, so it can't call a listener, however
   * wrong its slot.
   */
  readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: HOOK_TABLE_SIZE });
  #globals: Readonly<Record<string, WebAssembly.Global<'i32'>>> = {};
  readonly #handlers: (HookHandler | undefined)[] = HOOKS.map(() => undefined);

  constructor() {
    this.table.set(
      DISPATCH_SLOT,
      adapt((hook, a, b, c) => this.#handlers[hook]!(a, b, c)),
    );
  }

  /** Tells where v86.wasm, which imports the table, exports the globals that name its slots. */
  connect(exports: WebAssembly.Exports): void {
    this.#globals = exports as Record<string, WebAssembly.Global<'i32'>>;
  }

  /** Puts a handler in JavaScript at a hook. */
  set(name: HookName, handler: HookHandler): void {
    this.#handlers[hookNumber(name)] = handler;
    this.#name(name, DISPATCH_SLOT);
  }

  /**
   * Puts an exported WebAssembly function at a hook, to be called without JavaScript between.
   * @throws TypeError when it is no exported WebAssembly function.
   */
  setWasm(name: HookName, handler: WasmHookHandler): void {
    const number = hookNumber(name);
    this.table.set(FIRST_WASM_SLOT + number, handler);
    this.#handlers[number] = (a, b, c) => handler(number, a, b, c);
    this.#name(name, FIRST_WASM_SLOT + number);
  }

  /** Takes the handler of a hook away: the hook costs a load and a branch again. */
  clear(name: HookName): void {
    this.#name(name, 0);
    this.#handlers[hookNumber(name)] = undefined;
    this.table.set(FIRST_WASM_SLOT + hookNumber(name), null);
  }

  /** Calls the handler of a hook that lies in JavaScript. @returns 0 when there is none. */
  emit(name: HookName, a: number, b: number, c: number): number {
    return this.#handlers[hookNumber(name)]?.(a, b, c) ?? 0;
  }

  /** Runs something that would flush the TLB for the machine's own sake: no guest did that. */
  muted(run: () => void): void {
    const flushes = this.#globals[slotExport('tlb-flush')]!;
    const slot = flushes.value;
    flushes.value = 0;
    run();
    flushes.value = slot;
  }

  #name(name: HookName, slot: number): void {
    this.#globals[slotExport(name)]!.value = slot;
    for (const [watch, hooks] of WATCHES_OF.get(name)!) {
      const any = hooks.some((hook) => this.#globals[slotExport(hook)]!.value !== 0);
      this.#globals[watchExport(watch)]!.value = any ? 1 : 0;
    }
  }
}
