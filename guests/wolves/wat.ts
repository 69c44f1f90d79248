// Makes a WebAssembly module of a wolf's text: the wolf, what all wolves share, and the facts that an attacker has.
import wabt from 'wabt';

/**
 * Numbers that a wolf's text can name, as globals or in place: `{ LEDGER: 16 }` is `(global.get $LEDGER)`, or `{LEDGER}` where a number must stand. Addresses in
 * linear memory unless said otherwise.
 */
export type WolfFacts = Readonly<Record<string, number>>;

/** The text of a wolf is wrong. */
export class WolfError extends Error {
  override readonly name = 'WolfError';
}

const FEATURES = {
  simd: true,
  bulk_memory: true,
  reference_types: true,
  threads: true,
  mutable_globals: true,
} as const;

let loaded: ReturnType<typeof wabt> | undefined;

/**
 * Assembles WebAssembly's text format.
 * @param file names it in errors
 * @throws WolfError with the line and column
 */
export async function assembleWat(file: string, text: string): Promise<Uint8Array> {
  loaded ??= wabt();
  const { parseWat } = await loaded;
  try {
    const module = parseWat(file, text, FEATURES);
    module.resolveNames();
    module.validate();
    return module.toBinary({ write_debug_names: true }).buffer;
  } catch (error) {
    throw new WolfError(error instanceof Error ? error.message.trim() : String(error), { cause: error });
  }
}

/** Assembles a wolf of ours: module fields without the `(module` around them, which may use what `hunt.wat` has. */
export function assembleWolf(name: string, fields: string, hunt: string, facts: WolfFacts): Promise<Uint8Array> {
  const globals = Object.entries(facts).map(([fact, value]) => `(global $${fact} i32 (i32.const ${value | 0}))`);
  const text = fields.replace(/\{([A-Z-]+)\}/g, (all, fact: string) => String(facts[fact] ?? all));
  return assembleWat(`${name}.wat`, `(module\n${text}\n${hunt}\n${globals.join('\n')})\n`);
}
