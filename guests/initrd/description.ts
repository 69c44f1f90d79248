// An initial RAM file system as data.

import type { PackagedFile } from '../schema.ts';

/** A file out of a package. */
export interface PackagedInitrdFile {
  readonly from: PackagedFile;
  /** Path in the initrd, without a leading slash. */
  readonly to: string;
  readonly mode: number;
}

/** A file written here. */
export interface TextInitrdFile {
  readonly to: string;
  readonly mode: number;
  readonly text: string;
}

/** What is in an initrd. Folders that files need are made; everything belongs to root. */
export interface InitrdDescription {
  readonly name: string;
  readonly files: readonly (PackagedInitrdFile | TextInitrdFile)[];
  /** Empty folders, such as mount points. */
  readonly folders: readonly string[];
  /** Path to target. */
  readonly links: Readonly<Record<string, string>>;
  readonly devices: readonly {
    readonly path: string;
    readonly kind: 'character' | 'block';
    readonly mode: number;
    readonly major: number;
    readonly minor: number;
  }[];
}
