// Hooks on port I/O: every way of v86 to a port goes through a wrapper.
import { call, code, end, i32Const, i32Eqz, if_, localGet, localSet } from '../../wasm/assembler.ts';
import { type FunctionBody, functionByName, scanCalls } from '../../wasm/index.ts';
import { PORT_ANCHORS } from '../anchors.ts';
import type { Instrumenter } from './instrumenter.ts';
import { AnchorError, matchesSymbol } from './verify-anchors.ts';

const WRITE = 0x100;

/** @throws AnchorError when a function calls a port import more or less often than the anchors say. */
export function instrumentPorts(w: Instrumenter): void {
  w.rewriter.detour(w.function('ioPortRead8'), (original) => readWrapper(w, original, 1));
  w.rewriter.detour(w.function('ioPortWrite8'), (original) => writeWrapper(w, original, 1));
  const imports = w.module.imports.filter((entry) => entry.kind === 'function');
  for (const [name, { size, write, callers }] of Object.entries(PORT_ANCHORS)) {
    const target = imports.findIndex((entry) => entry.name === name);
    const wrapper = write
      ? w.rewriter.addFunction(
          w.rewriter.addType(['i32', 'i32'], []),
          writeWrapper(w, target, size),
          `wolfden.port-write${8 * size}`,
        )
      : w.rewriter.addFunction(
          w.rewriter.addType(['i32'], ['i32']),
          readWrapper(w, target, size),
          `wolfden.port-read${8 * size}`,
        );
    for (const [caller, expected] of Object.entries(callers)) {
      const found = replaceCalls(w, target, wrapper, caller);
      if (found === expected) continue;
      const anchor = `calls of ${name} in ${caller}`;
      throw new AnchorError(w.module.source, [{ anchor, expected: `${expected}`, found: `${found}` }]);
    }
  }
}

/** Makes one of v86's functions call the wrapper. @returns how many calls were replaced. */
function replaceCalls(w: Instrumenter, target: number, wrapper: number, caller: string): number {
  const index = functionByName(w.module, (candidate) => matchesSymbol(candidate, caller));
  let found = 0;
  scanCalls(
    w.module,
    (site) => {
      if (site.callee !== target) return;
      found++;
      w.rewriter.replace(site.functionIndex, site.offset, site.end, call(wrapper));
    },
    { callee: target, filter: (candidate) => candidate === index },
  );
  return found;
}

/** `(port) -> value` */
function readWrapper(w: Instrumenter, target: number, size: number): FunctionBody {
  const [port, value] = [localGet(0), 1];
  return {
    locals: ['i32'],
    code: code(
      ...[port, call(target), localSet(value)],
      w.listening(
        'port-io',
        ...[w.hook('port-io', port, i32Const(size), localGet(value)), if_()],
        ...[i32Const(size === 4 ? -1 : 2 ** (8 * size) - 1), localSet(value), end],
      ),
      localGet(value),
    ),
  };
}

/** `(port, value)` */
function writeWrapper(w: Instrumenter, target: number, size: number): FunctionBody {
  const [port, value, suppressed] = [localGet(0), localGet(1), 2];
  return {
    locals: ['i32'],
    code: code(
      w.listening('port-io', w.hook('port-io', port, i32Const(size | WRITE), value), localSet(suppressed)),
      ...[localGet(suppressed), i32Eqz, if_(), port, value, call(target), end],
    ),
  };
}
