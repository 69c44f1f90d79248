// Finds a wolf and makes it a module: one of ours by name, or a file of the user's own. Node only.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { WOLVES, type Wolf } from './catalogue.ts';
import { assembleWat, assembleWolf, WolfError, type WolfFacts } from './wat.ts';

const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8');

const textOf = (name: string): Promise<string> => read(`./wat/${name}.wat`);

/** What a wolf does, in its own words: the comment that its text begins with. */
export async function describeWolf(name: string): Promise<string> {
  const lines = (await textOf(name)).split('\n');
  const end = lines.findIndex((line) => !line.startsWith(';;'));
  return lines
    .slice(0, end)
    .map((line) => line.slice(2).trim())
    .join(' ');
}

/** The module of one of our wolves. @throws WolfError */
export async function makeWolf(name: string, facts: WolfFacts): Promise<Uint8Array> {
  const fields = await textOf(name);
  const shared = await read('./hunt.wat');
  return assembleWolf(
    name,
    fields,
    fields.includes('$transfer') ? `${shared}\n${await read('./disk.wat')}` : shared,
    facts,
  );
}

/** One of our wolves by its name. */
export const findWolf = (name: string): Wolf | undefined => WOLVES.find((wolf) => wolf.name === name);

/**
 * A wolf of the user's own: a module in binary or in text form, loaded beside v86, whose function `attack` is called.
 * @throws WolfError when the file can't be read or is no module
 */
export async function readWolf(path: string): Promise<{ readonly wolf: Wolf; readonly bytes: Uint8Array }> {
  let content: Buffer;
  try {
    content = await readFile(path);
  } catch (error) {
    throw new WolfError(
      `${path}: expected a wolf of your own, .wasm or .wat, found nothing to read (${(error as NodeJS.ErrnoException).code})`,
      {
        cause: error,
      },
    );
  }
  const isText = !(content.length >= 4 && content.readUInt32BE(0) === 0x0061736d);
  if (isText && path.endsWith('.wasm'))
    throw new WolfError(`${path}, offset 0: expected a WebAssembly module (00 61 73 6d), found something else`);
  const bytes = isText ? await assembleWat(basename(path), content.toString('utf8')) : new Uint8Array(content);
  return { wolf: { name: basename(path), way: 'extension' }, bytes };
}
