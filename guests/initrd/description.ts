// An initial RAM file system as data.

import type { PackagedFile, Pin } from '../schema.ts';

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

/** A file that comes with Wolfden. */
export interface EmbeddedInitrdFile {
  /** Relative to the folder of guests. */
  readonly embedded: string;
  readonly to: string;
  readonly mode: number;
}

/** One file, from wherever. */
export type InitrdFile = PackagedInitrdFile | TextInitrdFile | EmbeddedInitrdFile;

/** What is in an initrd. Folders that files need are made; everything belongs to root. */
export interface InitrdDescription {
  readonly name: string;
  /** 'none' for big ones: unpacking is the guest's work, at each of its boots. @default 'gzip' */
  readonly compression?: 'gzip' | 'none';
  readonly files: readonly InitrdFile[];
  /**
   * Packages whose matching files are taken as they lie there. Shared libraries that any of them needs, and the dynamic loader, are
   * found in the packages that these depend on.
   */
  readonly programs?: readonly PackagedFile[];
  /** Versions of the library packages that were seen to work. */
  readonly libraries?: readonly Pin[];
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
