// What a guest is, as data: the schema of catalogue entries and of a user's own guest files.

import * as v from 'valibot';

const text = v.pipe(v.string(), v.nonEmpty());
const packageName = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9+.-]*$/, 'expected a Debian package name'));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 as 64 lower-case hexadecimal digits'));
/** Relative to this folder, and inside it. */
const embeddedPath = v.pipe(
  text,
  v.regex(/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/, "expected a path inside Wolfden's guests"),
);
const pattern = v.pipe(
  text,
  v.check((source) => isPattern(source), 'expected a regular expression'),
);

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

/** A version of a package that was seen to work, with the hash of its .deb. */
export const PinSchema = v.strictObject({
  package: packageName,
  version: text,
  sha256,
  /** Bytes of the .deb. */
  size: v.pipe(v.number(), v.integer(), v.minValue(1)),
});

/** One file out of a Debian package. */
export const PackagedFileSchema = v.strictObject({
  /** The suite (release) that has the package, by code name. */
  suite: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]*$/, 'expected the code name of a Debian release')),
  /** The package, or a package that depends on it under a name that changes with each release. */
  package: packageName,
  /** Pattern of the dependency that has the file, where `package` is only the name that stays. */
  dependency: v.optional(pattern),
  /** Pattern of the file's path in the package, without a leading slash. */
  path: pattern,
  /** Whether all files that match are wanted, be it none; otherwise the first, which has to be there. */
  many: v.optional(v.boolean(), false),
  pin: v.optional(PinSchema),
});

/** Where a file comes from: a package, Wolfden's own folder (`embedded`), or the user's disk, relative to the guest's file. */
export const SourceSchema = v.union(
  [
    v.strictObject({ packaged: PackagedFileSchema }),
    v.strictObject({ embedded: embeddedPath }),
    v.strictObject({ file: text }),
    v.pipe(
      text,
      v.transform((file) => ({ file })),
    ),
  ],
  'expected a path, or an object with one of "file", "packaged" and "embedded"',
);

/** A module for a multiboot kernel. */
export const ModuleSchema = v.strictObject({ source: SourceSchema, string: v.optional(v.string(), '') });

/** Bounds that v86 sets: RAM ends below the devices' address space. */
const memory = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(2, 'expected at least 2 MiB'),
  v.maxValue(3584, 'expected at most 3584 MiB'),
);

/** What every guest has. */
const common = {
  name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.+-]*$/, 'expected lower-case letters, digits, ".", "+" and "-"')),
  title: v.optional(text, 'a guest of your own'),
  /** What it shows: why somebody would run it. */
  shows: v.optional(v.string(), ''),
  /** SPDX expression, or a sentence. */
  licence: v.optional(text, 'unknown'),
  /** Guest RAM in MiB. */
  memory: v.optional(memory, 128),
  /** Text on the serial console that says that the guest is ready for input. */
  prompt: v.optional(text),
  /** What the guest does: waits at its prompt, shows the text when all is done, never reaches user mode, or crashes v86. */
  outcome: v.optional(v.picklist(['prompt', 'ends', 'no-user-mode', 'crashes']), 'prompt'),
};

/** A guest that is booted without a BIOS. */
export const KernelGuestSchema = v.strictObject({
  ...common,
  /** How it is booted; 'auto' looks at the kernel. */
  boot: v.optional(
    v.picklist(['auto', 'linux', 'multiboot', 'elf'], 'expected auto, linux, multiboot, elf or bios'),
    'auto',
  ),
  kernel: SourceSchema,
  /** A ready initrd, or the name of one that Wolfden builds. */
  initrd: v.optional(
    v.union(
      [v.strictObject({ built: text }), SourceSchema],
      'expected a path, or an object with one of "file" and "built"',
    ),
  ),
  modules: v.optional(v.array(ModuleSchema), []),
  commandLine: v.optional(v.string(), ''),
});

/** A guest that a BIOS boots from a floppy, a CD or a hard disk. */
export const BiosGuestSchema = v.strictObject({
  ...common,
  boot: v.literal('bios'),
  disk: SourceSchema,
  /** v86's name of the drive; by default what the image looks like. */
  drive: v.optional(v.picklist(['fda', 'cdrom', 'hda'])),
  /** SeaBIOS by default. */
  bios: v.optional(SourceSchema),
  /** SeaBIOS's for a standard VGA by default. */
  vgaBios: v.optional(SourceSchema),
});

/** A guest. The schema is chosen by `boot`, so that messages are about the right one. */
export const GuestSchema = v.lazy((input): typeof KernelGuestSchema | typeof BiosGuestSchema =>
  (input as { boot?: unknown } | null)?.boot === 'bios' ? BiosGuestSchema : KernelGuestSchema,
);

export type KernelGuest = v.InferOutput<typeof KernelGuestSchema>;
export type BiosGuest = v.InferOutput<typeof BiosGuestSchema>;
export type Guest = KernelGuest | BiosGuest;
export type KernelGuestInput = v.InferInput<typeof KernelGuestSchema>;
/** A guest as it is written down: everything that has a default may be left out. */
export type GuestInput = KernelGuestInput | v.InferInput<typeof BiosGuestSchema>;
export type Source = v.InferOutput<typeof SourceSchema>;
export type PackagedFile = v.InferOutput<typeof PackagedFileSchema>;
export type Pin = v.InferOutput<typeof PinSchema>;

/** Whether a guest boots with a BIOS. */
export const isBiosGuest = (guest: Guest): guest is BiosGuest => guest.boot === 'bios';
