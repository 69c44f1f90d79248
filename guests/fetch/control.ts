// Reads Debian control paragraphs as `apt-cache show` prints them, and picks a package. Source: deb-control(5).

import { GuestError } from '../error.ts';
import type { PackagedFile } from '../schema.ts';

/** What is needed of a binary package. */
export interface BinaryPackage {
  readonly package: string;
  readonly version: string;
  readonly architecture: string;
  /** Names of packages it depends on (Pre-Depends and Depends), alternatives and versions left out. */
  readonly depends: readonly string[];
  readonly sha256: string;
  /** Bytes of the .deb. */
  readonly size: number;
}

/** The packages described in `text`, without those that lack a hash. */
export function readPackages(text: string): BinaryPackage[] {
  return text.split(/\n\s*\n/).flatMap((paragraph) => {
    const fields = new Map<string, string>();
    for (const [, name, value] of paragraph.matchAll(/^([\w-]+):[ \t]*(.*)$/gm))
      fields.set(name!.toLowerCase(), value!);
    const size = Number(fields.get('size'));
    const sha256 = fields.get('sha256') ?? '';
    const name = fields.get('package');
    if (name === undefined || !/^[0-9a-f]{64}$/.test(sha256) || !Number.isSafeInteger(size)) return [];
    const depends = ['pre-depends', 'depends']
      .flatMap((field) => (fields.get(field) ?? '').split(','))
      .map((one) => one.trim().split(/[\s(|:]/)[0]!);
    return [
      {
        package: name,
        version: fields.get('version') ?? '',
        architecture: fields.get('architecture') ?? '',
        depends: depends.filter((one) => one !== ''),
        sha256,
        size,
      },
    ];
  });
}

/** The dependency that a catalogue entry follows. */
export function followDependency(from: BinaryPackage, wanted: PackagedFile): string {
  const pattern = new RegExp(wanted.dependency!, 'u');
  const name = from.depends.find((dependency) => pattern.test(dependency));
  if (name !== undefined) return name;
  const found = from.depends.join(', ') || 'no dependency';
  const problem = `${from.package} ${from.version}: expected a dependency like ${wanted.dependency}, found ${found}`;
  throw new GuestError('package-vanished', problem, 'the archive has changed: give the package with --deb FILE');
}
