// Guests: what there is, where it comes from, and how it is made ready to run. Node only.

export { cacheFolder } from './cache.ts';
export { GuestError, type GuestTrouble } from './error.ts';
export type { FetchEvent } from './fetch/packaged.ts';
export { findGuest, guestNames, loadGuestFile } from './find.ts';
export { type FoundGuest, type PreparedGuest, type PrepareOptions, prepareGuest } from './prepare.ts';
export type { Guest, GuestInput } from './schema.ts';
export { type GuestState, guestState } from './state.ts';
