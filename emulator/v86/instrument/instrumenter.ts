// What all hooks are made with: the rewriter, v86's functions by our names, the globals of the hooks, the code that calls a listener.
import type { EventKind } from '../../events/kinds.ts';
import {
  call,
  callIndirect,
  code,
  drop,
  end,
  globalGet,
  i32Const,
  i32Eq,
  i32Load,
  i32Load8U,
  i32Store,
  i32Store8,
  if_,
  localGet,
} from '../../wasm/assembler.ts';
import { type Code, type MemorySite, Rewriter, type WasmModule } from '../../wasm/index.ts';
import type { FunctionName, StoreName } from '../anchors.ts';
import {
  HOOK_TABLE_IMPORT,
  HOOK_TABLE_SIZE,
  HOOKS,
  type HookName,
  hookNumber,
  slotExport,
  WATCHES,
  type WatchName,
  watchExport,
} from '../hook-points.ts';
import { OURS, STATICS } from '../state.ts';
import { type Anchors, verifyAnchors } from './verify-anchors.ts';

/** Loads a word of v86's state. */
export const loadWord = (address: number): Code => code(i32Const(0), i32Load(address));

/** Loads a byte of v86's state. */
export const loadByte = (address: number): Code => code(i32Const(0), i32Load8U(address));

/** Stores a word of state. */
export const storeWord = (address: number, value: Code): Code => code(i32Const(0), value, i32Store(address));

/** Rewrites one v86.wasm. */
export class Instrumenter {
  readonly module: WasmModule;
  readonly rewriter: Rewriter;
  /** The type of every listener: `(hook, a, b, c) -> decision`. */
  readonly hookType: number;
  readonly #anchors: Anchors;
  /** Index of the table that hooks call through. */
  readonly #hookTable: number;
  readonly #slots = new Map<HookName, number>();
  readonly #watches = new Map<WatchName, number>();
  readonly #decide: number;

  /** @throws AnchorError when v86 is not as the anchors say. */
  constructor(module: WasmModule) {
    this.module = module;
    this.#anchors = verifyAnchors(module);
    this.rewriter = new Rewriter(module);
    this.hookType = this.rewriter.addType(['i32', 'i32', 'i32', 'i32'], ['i32']);
    this.#hookTable = this.rewriter.addImport({
      kind: 'table',
      module: 'env',
      name: HOOK_TABLE_IMPORT,
      table: { element: 'funcref', limits: { min: HOOK_TABLE_SIZE } },
    });
    const global = (exportAs: string) => this.rewriter.addGlobal({ type: 'i32', mutable: true, init: 0, exportAs });
    for (const hook of HOOKS) this.#slots.set(hook, global(slotExport(hook)));
    for (const watch of Object.keys(WATCHES) as WatchName[]) this.#watches.set(watch, global(watchExport(watch)));
    this.#decide = this.#addDecide();
  }

  /** The index of one of v86's functions. */
  function(name: FunctionName): number {
    return this.#anchors.functions[name];
  }

  /** The stores to a piece of state in one function, in order. */
  stores(state: StoreName, name: FunctionName): readonly MemorySite[] {
    return this.#anchors.stores[state].get(this.function(name)) ?? [];
  }

  /** Calls a hook's listener; leaves 1 when it suppresses the operation, else 0. Must stand under `listening`. */
  hook(kind: EventKind, a: Code, b: Code = i32Const(0), c: Code = i32Const(0)): Code {
    return code(this.service(kind, a, b, c), call(this.#decide));
  }

  /** Calls a hook's listener and leaves what it returned. */
  service(name: HookName, a: Code, b: Code, c: Code): Code {
    const slot = globalGet(this.#slots.get(name)!);
    return code(i32Const(hookNumber(name)), a, b, c, slot, callIndirect(this.hookType, this.#hookTable));
  }

  /** Runs code that leaves nothing when a hook has a listener. */
  listening(name: HookName, ...body: readonly Code[]): Code {
    return code(globalGet(this.#slots.get(name)!), if_(), ...body, end);
  }

  /** Tells a listener that can't decide. */
  notify(kind: EventKind, a: Code, b?: Code, c?: Code): Code {
    return this.listening(kind, this.hook(kind, a, b, c), drop);
  }

  /** Runs code that leaves nothing when any hook of a watch has a listener. */
  watching(name: WatchName, ...body: readonly Code[]): Code {
    return code(globalGet(this.#watches.get(name)!), if_(), ...body, end);
  }

  /**
   * Passes the value of a store through a function `(i32, ...extra) -> i32` just before it is stored, while `switch_` holds.
   * The store's operands are on the stack then: the block takes the value and gives one back.
   */
  filter(site: MemorySite, switch_: HookName | WatchName, filter: number, extra: Code = []): void {
    const global = this.#slots.get(switch_ as HookName) ?? this.#watches.get(switch_ as WatchName);
    const type = this.rewriter.addType(['i32'], ['i32']);
    this.rewriter.replace(
      site.functionIndex,
      site.offset,
      site.offset,
      code(globalGet(global!), if_(type), extra, call(filter), end),
    );
  }

  /** Inserts code that leaves the stack as it is before a site. */
  insertBefore(site: Pick<MemorySite, 'functionIndex' | 'offset'>, ...body: readonly Code[]): void {
    this.rewriter.replace(site.functionIndex, site.offset, site.offset, code(...body));
  }

  /** Inserts code that leaves the stack as it is after a site. */
  insertAfter(site: Pick<MemorySite, 'functionIndex' | 'end'>, ...body: readonly Code[]): void {
    this.rewriter.replace(site.functionIndex, site.end, site.end, code(...body));
  }

  /** `(decision) -> suppressed`: asks the main loop to return when the decision is to stop. */
  #addDecide(): number {
    const type = this.rewriter.addType(['i32'], ['i32']);
    return this.rewriter.addFunction(
      type,
      {
        code: code(
          localGet(0),
          i32Const(2),
          i32Eq,
          if_(),
          storeWord(OURS.stopRequest, i32Const(1)),
          ...[i32Const(0), i32Const(1), i32Store8(STATICS.runEnds)],
          end,
          localGet(0),
          i32Const(1),
          i32Eq,
        ),
      },
      'wolfden.decide',
    );
  }
}
