// What a snapshot holds beside v86: the machine's options, pending input, probes, protections and the state of listeners.
import * as v from 'valibot';
import type { Codec } from './codec.ts';
import type { PendingInput } from './input.ts';
import { packSnapshot, SnapshotError, unpackSnapshot } from './snapshot-file.ts';
import { HOOKED_SHA256 } from './v86/version.ts';
import type { VmmState } from './v86/vmm-state.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const word = v.pipe(v.number(), v.integer(), v.minValue(-(2 ** 31)), v.maxValue(2 ** 32 - 1));
const time = v.pipe(v.number(), v.finite());

const OptionsSchema = v.object({ memorySize: count, jit: v.boolean(), mips: time, seed: v.number(), epoch: time });

const TriggerSchema = v.union([v.object({ after: time }), v.object({ when: v.string() })]);
const MouseSchema = v.object({
  dx: v.number(),
  dy: v.number(),
  buttons: v.exactOptional(v.array(v.picklist(['left', 'middle', 'right']))),
});
const ActionSchema = v.union([
  v.object({ serial: v.string() }),
  v.object({ scancodes: v.array(word) }),
  v.object({ mouse: MouseSchema }),
]);
const InputSchema = v.object({
  queue: v.array(v.object({ on: v.exactOptional(TriggerSchema), give: ActionSchema })),
  given: count,
  since: v.object({ time, text: count }),
  last: v.object({ serial: word, scancode: word }),
});

const ProbeSchema = v.object({
  physical: word,
  original: word,
  armed: v.array(
    v.object({
      name: v.exactOptional(v.string()),
      virtual: v.exactOptional(word),
      space: v.exactOptional(word),
      hits: count,
    }),
  ),
});
const ProtectionSchema = v.object({ frame: count, bits: word, name: v.exactOptional(v.string()) });

const HeaderSchema = v.object({
  /** The set of hooks that the memory image was taken with. */
  hooks: v.string(),
  options: OptionsSchema,
  vmm: v.object({
    devicesLength: count,
    pageCount: count,
    memoryLength: count,
    instructions: count,
    idle: time,
    random: word,
  }),
  /** What the serial console has shown. */
  text: v.string(),
  input: InputSchema,
  /** Whether COM1 and the keyboard held a byte that the guest had not read. */
  unread: v.object({ serial: v.boolean(), ps2: v.boolean() }),
  pairing: v.array(v.tuple([v.number(), v.picklist(['syscall', 'interrupt', 'exception', 'unknown'])])),
  probes: v.array(ProbeSchema),
  protections: v.array(ProtectionSchema),
  /** States of listeners, by the names that they registered under. */
  listeners: v.record(v.string(), v.unknown()),
});

/** The header of a snapshot. */
export type SnapshotHeader = v.InferOutput<typeof HeaderSchema>;
/** An armed place in a snapshot. */
export type SavedProbe = v.InferOutput<typeof ProbeSchema>;
/** A protection in a snapshot. */
export type SavedProtection = v.InferOutput<typeof ProtectionSchema>;

/** A machine's state, ready to be put into one. */
export interface Snapshot {
  readonly header: SnapshotHeader;
  readonly state: VmmState;
}

/** Makes the bytes of a snapshot. */
export async function encodeSnapshot(
  header: Omit<SnapshotHeader, 'hooks' | 'vmm' | 'input'> & { readonly input: PendingInput },
  state: VmmState,
  codec: Codec,
): Promise<Uint8Array> {
  const { devices, pages, content, memoryLength, instructions, idle, random } = state;
  const vmm = { devicesLength: devices.byteLength, pageCount: pages.length, memoryLength, instructions, idle, random };
  const all = new Uint8Array(devices.byteLength + pages.byteLength + content.length);
  all.set(new Uint8Array(devices), 0);
  all.set(new Uint8Array(pages.buffer, pages.byteOffset, pages.byteLength), devices.byteLength);
  all.set(content, devices.byteLength + pages.byteLength);
  return packSnapshot({ ...header, hooks: HOOKED_SHA256, vmm }, all, codec);
}

/**
 * Reads a snapshot whole before anything is made of it.
 * @param source names the file in errors.
 * @throws SnapshotError for a damaged file, and for one that was taken with other hooks.
 */
export async function decodeSnapshot(file: Uint8Array, source: string, codec: Codec): Promise<Snapshot> {
  const { header: raw, content: all } = await unpackSnapshot(file, source, codec);
  const parsed = v.safeParse(HeaderSchema, raw);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new SnapshotError(
      `${source}: header, ${v.getDotPath(issue) ?? 'at the top'}: ${issue.message}; take the snapshot again`,
    );
  }
  const header = parsed.output;
  if (header.hooks !== HOOKED_SHA256)
    throw new SnapshotError(
      `${source}: expected the hooks ${HOOKED_SHA256.slice(0, 12)}, found ${header.hooks.slice(0, 12)}; take the snapshot again with this version`,
    );
  const { devicesLength, pageCount, memoryLength, instructions, idle, random } = header.vmm;
  const expected = devicesLength + pageCount * 4 + pageCount * 4096;
  if (all.length !== expected)
    throw new SnapshotError(
      `${source}: expected ${expected} bytes of content, found ${all.length}; take the snapshot again`,
    );
  const devices = all.slice(0, devicesLength).buffer;
  const pages = new Uint32Array(all.slice(devicesLength, devicesLength + 4 * pageCount).buffer);
  if (pages.some((page) => (page + 1) * 4096 > memoryLength))
    throw new SnapshotError(`${source}: a page lies beyond ${memoryLength} bytes of memory; take the snapshot again`);
  const content = all.subarray(devicesLength + 4 * pageCount);
  return { header, state: { devices, memoryLength, pages, content, instructions, idle, random } };
}
