// The initrds that Wolfden can build, by name.

import { busyboxInitrd } from './busybox.ts';
import type { InitrdDescription } from './description.ts';
import { klibcInitrd } from './klibc.ts';
import { villainsInitrd } from './villains.ts';
import { workloadsInitrd } from './workloads.ts';

/** All of them. */
export const INITRDS: ReadonlyMap<string, InitrdDescription> = new Map(
  [busyboxInitrd, klibcInitrd, villainsInitrd, workloadsInitrd].map((description) => [description.name, description]),
);
