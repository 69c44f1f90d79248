// Tests of recognising disk images.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diskImage } from './disk.ts';

const bootable = (size: number): Uint8Array => {
  const image = new Uint8Array(size);
  image.set([0x55, 0xaa], 510);
  return image;
};

test('a boot sector makes a floppy up to 2.88 MB and a disk beyond', () => {
  assert.is(diskImage('a', bootable(1440 * 1024)).drive, 'fda');
  assert.is(diskImage('a', bootable(2880 * 1024)).drive, 'fda');
  assert.is(diskImage('a', bootable(2880 * 1024 + 512)).drive, 'hda');
});

test('a volume descriptor makes a CD, boot sector or none', () => {
  const image = bootable(20 * 2048);
  image.set(new TextEncoder().encode('CD001'), 16 * 2048 + 1);
  assert.is(diskImage('cd.iso', image).drive, 'cdrom');
});

test('a last sector cut short is filled up', () => {
  const { bytes } = diskImage('a', bootable(1000));
  assert.is(bytes.length, 1024);
  assert.equal(bytes.subarray(0, 1000), bootable(1000));
  assert.is(bytes.buffer.byteLength, 1024);
});

test('what no BIOS boots is told', () => {
  assert.throws(() => diskImage('a', new Uint8Array(4096)), /a at offset 0x1fe: expected the signature .* found 0, 0;/);
  assert.throws(() => diskImage('a', new Uint8Array(3)), /found the end of the file after 3 bytes/);
  assert.throws(() => diskImage('a', bootable(3 << 20), 'fda'), /for the drive fda, found 3145728 bytes/);
  assert.throws(() => diskImage('a', new Uint8Array(0), 'hda'), /found 0 bytes/);
});

test.run();
