// A listener written in AssemblyScript that counts events. Compiled apart from where it is measured: the compiler leaves much behind that the engine has to do.
import { readFileSync } from 'node:fs';
import { instantiateSync } from '@assemblyscript/loader';
import type { WasmListener } from '../emulator/index.ts';

/** What the module exports. */
interface CounterExports extends Record<string, unknown> {
  readonly listener: WasmListener;
  counted(kind: number): number;
}

const NAME = 'counter.ts';

/** Compiles `assembly/counter.ts`. @throws Error with what the compiler says. */
export async function compileCounter(): Promise<Uint8Array> {
  const { default: asc } = await import('assemblyscript/asc');
  const source = readFileSync(new URL(`./assembly/${NAME}`, import.meta.url), 'utf8');
  const outputs: Record<string, string | Uint8Array> = {};
  const { error, stderr } = await asc.main(
    [NAME, '--outFile', 'out.wasm', '-O3', '--runtime', 'stub', '--use', 'abort='],
    {
      readFile: (name: string) => (name === NAME ? source : null),
      writeFile: (name: string, contents: string | Uint8Array) => {
        outputs[name] = contents;
      },
      listFiles: () => [],
    },
  );
  if (error) throw new Error(`${NAME}: ${stderr.toString()}`, { cause: error });
  return outputs['out.wasm'] as Uint8Array;
}

/** Instantiates what {@link compileCounter} made. */
export function makeCounter(module: Uint8Array): CounterExports {
  const { instance } = instantiateSync(module);
  // The loader's own face wraps each function in JavaScript: the machine wants the export itself.
  return instance.exports as unknown as CounterExports;
}
