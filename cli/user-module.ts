// Modules of the user's own: monitors and patterns, in TypeScript or JavaScript.
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from './failure.ts';

/** Codes of node's errors for a TypeScript file that it can't run by itself: none at all, or not this syntax. */
const NEEDS_TSX = ['ERR_UNKNOWN_FILE_EXTENSION', 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX', 'ERR_INVALID_TYPESCRIPT_SYNTAX'];

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

/** Imports a module: by node where it can, else by tsx, which is no dependency of ours. */
async function importModule(option: string, file: string, url: string): Promise<unknown> {
  try {
    return await import(url);
  } catch (error) {
    if (!NEEDS_TSX.includes(codeOf(error))) throw error;
  }
  const tsx = await import('tsx/esm/api').catch((error: unknown) => {
    const problem = `${option} ${file}: expected tsx to run TypeScript, found none`;
    throw new UsageError(`${problem}; install it with npm install tsx, or give a .js file`, { cause: error });
  });
  return tsx.tsImport(url, import.meta.url);
}

/**
 * The default export of a file; undefined when it has none.
 * @param option names the option in messages.
 * @param instead what else could have been given, for the message about a file that can't be read.
 * @throws UsageError when it can't be read or loaded.
 */
export async function userModule(option: string, file: string, instead = ''): Promise<unknown> {
  const path = resolve(file);
  await access(path).catch((error: Error) => {
    throw new UsageError(
      `${option} ${file}: cannot read it: ${error.message}; give the path of a .ts or .js file${instead}`,
    );
  });
  const module = await importModule(option, file, pathToFileURL(path).href).catch((error: Error) => {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${option} ${file}: it cannot be loaded: ${error.message}`, { cause: error });
  });
  const { default: found } = module as { default?: unknown };
  // Where no package.json says that a folder has ES modules, tsx makes a CommonJS module of the file, whose exports are the default.
  return isCompiled(found) ? found.default : found;
}

const isCompiled = (exports: unknown): exports is { readonly default?: unknown } =>
  typeof exports === 'object' && exports !== null && '__esModule' in exports;
