// Recognises floppy, CD and disk images, which boot with a BIOS image that the user gives.
// Sources: ECMA-119 (ISO 9660), section 8.1; the BIOS boot sector's signature, 0x55 0xaa at byte 510.

import { BootImageError, mebibytes } from './error.ts';

/** The drive of v86 that an image goes to, by the name of v86's option. */
export type Drive = 'fda' | 'cdrom' | 'hda';

/** An image and its drive. */
export interface DiskImage {
  readonly drive: Drive;
  /** Whole sectors; a last sector that was cut short is filled with zeros. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const SECTOR_SIZE = 512;
const CD_SECTOR_SIZE = 2048;
/** Volume descriptors start at sector 16: a type byte, then this. */
const CD_IDENTIFIER_OFFSET = 16 * CD_SECTOR_SIZE + 1;
const CD_IDENTIFIER = 'CD001';
const BOOT_SIGNATURE_OFFSET = 510;
/** The largest floppy of v86: 2.88 MB. Smaller images are filled up to the next format by v86 itself. */
const MAX_FLOPPY = 2880 * 1024;
/** What an image may take of the host's memory. */
const MAX_IMAGE = 2 ** 31 - SECTOR_SIZE;

/**
 * Finds out which drive an image is for. A CD has a volume descriptor; of what has a boot sector, all that fits a floppy is one.
 * @param file name for messages
 * @param drive to use whatever the image looks like
 * @throws BootImageError when no BIOS could boot it, or it does not fit the drive
 */
export function diskImage(file: string, bytes: Uint8Array, drive: Drive = driveOf(file, bytes)): DiskImage {
  const limit = drive === 'fda' ? MAX_FLOPPY : MAX_IMAGE;
  if (bytes.length === 0 || bytes.length > limit) {
    throw new BootImageError({
      file,
      expected: `1 byte to ${mebibytes(limit)} for the drive ${drive}`,
      found: `${bytes.length} bytes`,
      remedy: 'give another image or another drive',
    });
  }
  const sector = drive === 'cdrom' ? CD_SECTOR_SIZE : SECTOR_SIZE;
  const whole = new Uint8Array(Math.ceil(bytes.length / sector) * sector);
  whole.set(bytes);
  return { drive, bytes: whole };
}

function driveOf(file: string, bytes: Uint8Array): Drive {
  const identifier = bytes.subarray(CD_IDENTIFIER_OFFSET, CD_IDENTIFIER_OFFSET + CD_IDENTIFIER.length);
  if (String.fromCharCode(...identifier) === CD_IDENTIFIER) return 'cdrom';
  const signature = [bytes[BOOT_SIGNATURE_OFFSET], bytes[BOOT_SIGNATURE_OFFSET + 1]];
  if (signature[0] !== 0x55 || signature[1] !== 0xaa) {
    const found = signature[1] === undefined ? `the end of the file after ${bytes.length} bytes` : signature.join(', ');
    throw new BootImageError({
      file,
      offset: BOOT_SIGNATURE_OFFSET,
      expected: 'the signature of a boot sector (85, 170), or a CD image',
      found,
      remedy: 'give a bootable image, or name the drive it is for',
    });
  }
  return bytes.length <= MAX_FLOPPY ? 'fda' : 'hda';
}
