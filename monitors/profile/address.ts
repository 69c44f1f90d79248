// Addresses as a profile keeps them: relative to an anchor that every boot has, so that a kernel at another address needs no new profile.
import * as v from 'valibot';
import { type VirtAddr, virt } from '../../emulator/index.ts';

/** `@+0x1a20` and `@-0x20` count from the anchor; `0xc0000000` is the same in every boot. */
export type StoredAddress = string & { readonly __stored: 'address' };

const FORM = /^(@[+-])?0x([0-9a-f]{1,8})$/;

/** A stored address, as read from a file. */
export const StoredAddressSchema = v.pipe(
  v.string(),
  v.regex(FORM, 'expected an address: "@+0x1a20" or "@-0x20" from the anchor, or "0xc0000000" in every boot'),
  v.transform((text) => text as StoredAddress),
);

/** An address that moves with the kernel. */
export function relativeAddress(address: VirtAddr, anchor: VirtAddr): StoredAddress {
  const distance = address - anchor;
  return `@${distance < 0 ? '-' : '+'}0x${Math.abs(distance).toString(16)}` as StoredAddress;
}

/** An address that is the same in every boot. */
export const fixedAddress = (address: VirtAddr): StoredAddress => `0x${address.toString(16)}` as StoredAddress;

/** The address in a boot whose anchor is given. */
export function addressIn(stored: StoredAddress, anchor: VirtAddr): VirtAddr {
  const [, way, digits] = FORM.exec(stored)!;
  const distance = Number.parseInt(digits!, 16);
  if (way === undefined) return virt(distance);
  return virt(way === '@-' ? anchor - distance : anchor + distance);
}
