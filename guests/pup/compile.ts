// Compiles C and assembly, several files at a time, with flags that give the same bytes everywhere.
import path from 'node:path';
import { runTool } from './toolchain.ts';

/** Flags for kernel and programs: 32 bits, no library, no FPU state to save, nothing of this machine in the output. */
export const COMMON_FLAGS = [
  '-m32',
  '-march=i686',
  '-Os',
  '-std=gnu17',
  '-ffreestanding',
  '-nostdlib',
  '-fno-pic',
  '-fno-pie',
  '-fno-stack-protector',
  '-fno-asynchronous-unwind-tables',
  '-fno-tree-loop-distribute-patterns',
  '-fcf-protection=none',
  '-fno-strict-aliasing',
  '-mgeneral-regs-only',
  '-mpreferred-stack-boundary=2',
  '-ffile-prefix-map=.=',
  '-g0',
  '-Wall',
  '-Wextra',
  '-Werror',
] as const;

const AT_A_TIME = 4;

/**
 * Compiles sources to object files.
 * @param root folder that the sources' paths are relative to
 * @param scratch absolute path of the folder for the objects
 * @returns the object of each source
 */
export async function compileAll(
  root: string,
  scratch: string,
  sources: readonly string[],
  flags: readonly string[],
): Promise<Map<string, string>> {
  const objects = new Map(sources.map((source) => [source, path.join(scratch, `${source.replaceAll('/', '-')}.o`)]));
  const waiting = [...objects];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      await runTool('gcc', [...flags, '-c', next[0], '-o', next[1]], root);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return objects;
}
