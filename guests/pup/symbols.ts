// The map of a built kernel, for tests: where its symbols are, and where the fields of its structures. Never part of the image.
import type { PupOptions } from './options.ts';
import { runTool } from './toolchain.ts';

/** A symbol of the kernel. */
export interface PupSymbol {
  /** Guest-virtual address. */
  readonly address: number;
  /** Bytes, 0 if the symbol is only a mark. */
  readonly size: number;
}

/** What tests may know about a kernel, and monitors must find out. */
export interface SymbolMap {
  readonly variant: string;
  readonly options: PupOptions;
  readonly symbols: Readonly<Record<string, PupSymbol>>;
  /**
   * Byte offsets such as `task.status`, and `task.process`: where the process structure lies inside the task (option
   * threads=process), or where the pointer to it lies (threads=threads). `*.size` is a structure's size.
   */
  readonly offsets: Readonly<Record<string, number>>;
}

/**
 * The symbols of an ELF file, in the order of their addresses. Names that several static functions share are left out,
 * and so are the compiler's own (with a dot).
 */
export async function readSymbols(root: string, elf: string): Promise<Record<string, PupSymbol>> {
  const symbols: Record<string, PupSymbol> = {};
  const ambiguous = new Set<string>();
  for (const line of (await runTool('nm', ['-n', '-S', elf], root)).split('\n')) {
    const match = /^([0-9a-f]{8}) (?:([0-9a-f]{8}) )?[tTrRdDbB] (\w+)$/.exec(line);
    if (!match) continue;
    const name = match[3]!;
    if (Object.hasOwn(symbols, name)) ambiguous.add(name);
    symbols[name] = { address: Number.parseInt(match[1]!, 16), size: Number.parseInt(match[2] ?? '0', 16) };
  }
  for (const name of ambiguous) delete symbols[name];
  return symbols;
}

/**
 * The offsets that kernel/offsets.c asks for: it is compiled to assembly, never assembled, and its marked lines are read.
 * @param flags the flags that the kernel is compiled with
 */
export async function readOffsets(root: string, flags: readonly string[]): Promise<Record<string, number>> {
  const assembly = await runTool('gcc', [...flags, '-S', '-o', '-', 'kernel/offsets.c'], root);
  return Object.fromEntries(
    [...assembly.matchAll(/@offset ([\w.]+) \$?(\d+)/g)].map((match) => [match[1]!, Number(match[2])]),
  );
}
