// Compiles EDM's core with the AssemblyScript compiler: for the build, and on demand in development. Node only.
import { readFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';
import { GENERATED_SOURCES } from '../core-facts.ts';

const ENTRY = 'assembly/index.ts';

function readSource(name: string): string | null {
  const generated = GENERATED_SOURCES[name];
  if (generated !== undefined) return generated;
  try {
    return readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
  } catch {
    return null; // the compiler asks for `name/index.ts` too
  }
}

/**
 * Compiles `assembly/` and the policies' own parts.
 * @throws Error with what the compiler says.
 */
export async function compileCore(): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  // The memory is v86's; the module has no data of its own, no heap and no stack in memory.
  const options = [
    '-O3',
    '--runtime',
    'stub',
    '--importMemory',
    '--noExportMemory',
    '--use',
    'abort=',
    '--enable',
    'bulk-memory',
  ];
  const { error, stderr } = await asc.main([ENTRY, '--outFile', 'core.wasm', ...options], {
    readFile: readSource,
    writeFile: (_name: string, contents: string | Uint8Array) => {
      if (typeof contents !== 'string') binary = contents;
    },
    listFiles: () => [],
  });
  if (error || !binary) throw new Error(`EDM's core, ${ENTRY}: ${stderr.toString()}`, { cause: error });
  return binary;
}
