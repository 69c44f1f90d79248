// Infers a guest's profile, and keeps it: the same guest has the same one.
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeAtomically } from '../emulator/node/atomic-file.ts';
import { cacheFolder } from '../emulator/node/cache-folder.ts';
import { throwIfAborted } from '../guests/error.ts';
import type { PreparedGuest } from '../guests/index.ts';
import { type AnyPattern, infer, makeProfile, PATTERNS, type Stage } from '../monitors/patterns/index.ts';
import {
  type Anchor,
  findAnchor,
  PROFILE_VERSION,
  type Profile,
  parseProfile,
  profileText,
} from '../monitors/profile/index.ts';
import manifest from '../package.json' with { type: 'json' };
import { CommandError } from './failure.ts';
import { type StartOptions, startGuest } from './start-guest.ts';

/** How to infer. */
export interface InferOptions extends Pick<StartOptions, 'machine' | 'limits' | 'onBoot'> {
  /** Patterns beside those that come with Wolfden. */
  readonly patterns?: readonly AnyPattern[];
  /** Told what is being observed. */
  readonly onStage?: (stage: Stage) => void;
}

/** A profile, and the anchor of the boot that it was made in. */
export interface InferredProfile {
  readonly profile: Profile;
  readonly anchor: Anchor;
}

/**
 * Infers the profile of a guest. It is used as a person would: commands are typed at its prompt, and keys pressed. A guest without a
 * prompt is run to its end.
 * @throws GuestCrash, InferenceError, CommandError when its prompt does not come
 */
export async function inferGuest(prepared: PreparedGuest, options: InferOptions): Promise<InferredProfile> {
  const prompt = prepared.guest.outcome === 'prompt' ? prepared.prompt : undefined;
  const start = async () => {
    const { machine, atPrompt } = await startGuest(prepared, { cold: false, ...options });
    if (prompt === undefined || atPrompt) return machine;
    const { time } = machine.cpu;
    await machine.close();
    throwIfAborted(options.limits?.signal);
    throw new CommandError(
      `${prepared.name}: expected its prompt ${JSON.stringify(prompt)} on the serial console, found none in ${Math.round(time / 1000)} virtual seconds; see what it does with wolfden run ${prepared.name} --cold`,
    );
  };
  const inference = await infer({ name: prepared.name, prompt, start }, [...PATTERNS, ...(options.patterns ?? [])], {
    onStage: (stage) => {
      throwIfAborted(options.limits?.signal);
      options.onStage?.(stage);
    },
  });
  const { machine } = inference.observations;
  try {
    const profile = await makeProfile(prepared.name, inference);
    return { profile, anchor: findAnchor(machine)! };
  } finally {
    await machine.close();
  }
}

/** Names everything that a profile depends on. */
function keyOf({ boot, memorySize, prompt }: PreparedGuest, { machine }: InferOptions): string {
  const hash = createHash('sha256').update(
    JSON.stringify([manifest.version, PROFILE_VERSION, memorySize, prompt, machine]),
  );
  for (const [name, image] of Object.entries(boot)) hash.update(name).update(image as Uint8Array);
  return hash.digest('hex').slice(0, 32);
}

/** The profile that was kept of a guest; else it is inferred and kept. @throws as `inferGuest` */
export async function keptProfile(prepared: PreparedGuest, options: InferOptions): Promise<Profile> {
  const path = join(cacheFolder(), 'profiles', `${keyOf(prepared, options)}.json`);
  try {
    return parseProfile(await readFile(path, 'utf8'), path);
  } catch {
    // There is none, or one that is damaged or of an older form: it can be had again.
  }
  const { profile } = await inferGuest(prepared, options);
  // A cache that can't be written only costs the next run its time.
  await keep(path, profileText(profile)).catch(() => undefined);
  return profile;
}

async function keep(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeAtomically(path, new TextEncoder().encode(text));
}
