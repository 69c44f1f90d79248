// The initrds that Wolfden can build, by name.

import { busyboxInitrd } from './busybox.ts';
import type { InitrdDescription } from './description.ts';

/** All of them. */
export const INITRDS: ReadonlyMap<string, InitrdDescription> = new Map(
  [busyboxInitrd].map((description) => [description.name, description]),
);
