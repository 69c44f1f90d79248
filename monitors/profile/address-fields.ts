// Which parts of the parameters are addresses: one walk that turns those of a boot into stored ones, and back.
import type { VirtAddr } from '../../emulator/index.ts';
import type { ParameterName, ParameterValues } from '../parameters.ts';
import { addressIn, fixedAddress, relativeAddress, type StoredAddress } from './address.ts';

/** A value with stored addresses where the value of a boot has virtual ones. */
export type Stored<Value> = Value extends VirtAddr
  ? StoredAddress
  : Value extends object
    ? { readonly [Key in keyof Value]: Stored<Value[Key]> }
    : Value;

/** Parameters that are addresses, or lists of them. */
const ADDRESSES: ReadonlySet<string> = new Set<ParameterName>([
  'kernelSplit',
  'kernelEntries',
  'kernelExits',
  'keyboardHandler',
  'keyMover',
]);

/** The split lies between programs and kernel, wherever the kernel is. */
const FIXED: ReadonlySet<string> = new Set<ParameterName>(['kernelSplit']);

/** Fields that are addresses, in whichever parameter. */
const FIELDS: ReadonlySet<string> = new Set(['from', 'to', 'entry', 'address', 'cr3Write', 'stackSwitch']);

type Turn = (address: never) => unknown;

function turn(value: unknown, isAddress: boolean, change: Turn): unknown {
  if (Array.isArray(value)) return value.map((one) => turn(one, isAddress, change));
  if (typeof value !== 'object' || value === null) return isAddress ? change(value as never) : value;
  return Object.fromEntries(
    Object.entries(value).map(([field, part]) => [
      field,
      turn(part, FIELDS.has(field) || movesWithKernel(value, field, part), change),
    ]),
  );
}

/** Kernels for many CPUs address what each CPU has by the address of its first copy: such an offset is an address of the image. */
const movesWithKernel = (owner: object, field: string, part: unknown): boolean =>
  field === 'offset' &&
  (owner as { how?: unknown }).how === 'segment' &&
  (typeof part === 'string' ||
    (typeof part === 'number' && part >= LEAST_IMAGE_OFFSET && part < GREATEST_IMAGE_OFFSET));

/** No structure that a segment begins with is that long; above lie small negative offsets. */
const LEAST_IMAGE_OFFSET = 0x1000_0000;
const GREATEST_IMAGE_OFFSET = 0xffff_0000;

/** The value as it is stored. */
export function stored<Name extends ParameterName>(
  name: Name,
  value: ParameterValues[Name],
  anchor: VirtAddr,
): Stored<ParameterValues[Name]> {
  const store = (address: VirtAddr) => (FIXED.has(name) ? fixedAddress(address) : relativeAddress(address, anchor));
  return turn(value, ADDRESSES.has(name), store) as Stored<ParameterValues[Name]>;
}

/** The value in a boot whose anchor is given. */
export function located<Name extends ParameterName>(
  name: Name,
  value: Stored<ParameterValues[Name]>,
  anchor: VirtAddr,
): ParameterValues[Name] {
  return turn(value, ADDRESSES.has(name), (address: StoredAddress) =>
    addressIn(address, anchor),
  ) as ParameterValues[Name];
}
