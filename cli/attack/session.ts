// Runs wolves in settings, one machine for each, and says whether all came out as they must.
import type { PreparedGuest } from '../../guests/index.ts';
import type { Wolf } from '../../guests/wolves/catalogue.ts';
import { describeWolf, makeWolf } from '../../guests/wolves/load.ts';
import type { EdmAssets } from '../../monitors/edm/index.ts';
import { type Den, makeDen } from './den.ts';
import type { Outcome } from './outcome.ts';
import { runWolf } from './run-wolf.ts';
import { type Setting, settingName } from './settings.ts';

/** A wolf with its module, where it is not one of ours. */
export interface Attacker {
  readonly wolf: Wolf;
  readonly bytes?: Uint8Array;
}

/** One line of the result. */
export interface AttackResult extends Outcome {
  readonly wolf: string;
  readonly what: string;
  readonly row: number | undefined;
  readonly setting: Setting;
  /** Whether the outcome is what it must be: nothing lost with IPR; without, lost unless the wolf is tame. undefined for a wolf of the user's own. */
  readonly expected: boolean | undefined;
}

/** What a session needs. */
export interface AttackSession {
  readonly guest: PreparedGuest;
  readonly assets: EdmAssets;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/** The name of a wolf that hands over nothing harmful: what another swaps. */
const DECOY = 'jit-slot';

/** Runs each attacker in each setting, in order. */
export async function* runAttacks(
  session: AttackSession,
  attackers: readonly Attacker[],
  settings: readonly Setting[],
): AsyncGenerator<AttackResult> {
  const dens = new Dens(session);
  try {
    for (const attacker of attackers)
      for (const setting of settings) {
        if (session.signal?.aborted) return;
        yield await runOne(dens, attacker, setting);
      }
  } finally {
    await dens.close();
  }
}

/** Machines that stand as they were made: one in which an attack came to nothing serves the next wolf too. */
class Dens {
  readonly #session: AttackSession;
  readonly #free = new Map<string, Den>();

  constructor(session: AttackSession) {
    this.#session = session;
  }

  async take({ way }: Wolf, setting: Setting): Promise<Den> {
    const key = `${way === 'unrewritten'} ${settingName(setting)}`;
    const free = this.#free.get(key);
    this.#free.delete(key);
    if (free) return free;
    const { guest, assets, seed } = this.#session;
    return makeDen(guest, way === 'unrewritten' ? withoutRewriter(assets) : assets, setting, seed);
  }

  /** Takes a machine back; one that an attack may have changed is closed. */
  async giveBack({ way, moves, spends }: Wolf, setting: Setting, den: Den, { outcome, ended }: Outcome): Promise<void> {
    if (outcome === 'lost' || ended !== undefined || moves || spends || den.edm.failure) await den.machine.close();
    else this.#free.set(`${way === 'unrewritten'} ${settingName(setting)}`, den);
  }

  async close(): Promise<void> {
    for (const den of this.#free.values()) await den.machine.close();
  }
}

async function runOne(dens: Dens, { wolf, bytes }: Attacker, setting: Setting): Promise<AttackResult> {
  const den = await dens.take(wolf, setting);
  const module = bytes ?? (await makeWolf(wolf.name, den.facts));
  const outcome = runWolf({ den, wolf, bytes: module, decoy: await makeWolf(DECOY, den.facts) });
  await dens.giveBack(wolf, setting, den, outcome);
  const ours = bytes === undefined;
  return {
    wolf: wolf.name,
    what: ours ? await describeWolf(wolf.name) : 'a wolf of your own',
    row: wolf.row,
    setting,
    ...outcome,
    expected: ours ? isExpected(wolf, setting, outcome) : undefined,
  };
}

/** A toolchain that the wolf controls: extensions come to the verifier as the wolf made them. */
const withoutRewriter = (assets: EdmAssets): EdmAssets =>
  assets.ipr
    ? {
        ...assets,
        ipr: {
          ...assets.ipr,
          restrict: (bytes, options) => (options.kind === 'extension' ? bytes : assets.ipr!.restrict(bytes, options)),
        },
      }
    : assets;

/** Without restriction a wolf that wins nothing would prove nothing, unless it says why. */
function isExpected({ tame }: Wolf, { ipr }: Setting, { outcome }: Outcome): boolean {
  if (tame !== undefined) return outcome !== 'lost';
  return ipr ? outcome === 'stopped and alarmed' : outcome === 'lost';
}
