// Tests of making guests ready: users' own guests from files, embedded ones, states, and errors.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { readElf } from '../emulator/boot/elf.ts';
import { BootImageError } from '../emulator/boot/index.ts';
import { tinyBzImage, tinyElf } from '../emulator/boot/test-machine.ts';
import { GuestError } from './error.ts';
import { findGuest } from './find.ts';
import { type FoundGuest, prepareGuest } from './prepare.ts';
import { type GuestInput, GuestSchema } from './schema.ts';
import { guestState } from './state.ts';

const MIB = 2 ** 20;

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'wolfden-test-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const found = (folder: string, input: GuestInput): FoundGuest => ({ guest: v.parse(GuestSchema, input), folder });

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => assert.unreachable('expected an error'),
    (error: unknown) => error,
  );
}

test("a user's Linux guest becomes an image with its kernel, initrd and command line", () =>
  inFolder(async (folder) => {
    const initrd = new Uint8Array(3000).fill(9);
    await writeFile(join(folder, 'vmlinuz'), tinyBzImage([0xf4]));
    await writeFile(join(folder, 'initrd.gz'), initrd);
    const input = {
      name: 'mine',
      kernel: 'vmlinuz',
      initrd: 'initrd.gz',
      commandLine: 'quiet',
      memory: 32,
      prompt: '$ ',
    };
    const guest = found(folder, input);
    const prepared = await prepareGuest(guest);
    assert.is(prepared.memorySize, 32 * MIB);
    assert.is(prepared.prompt, '$ ');
    assert.is(prepared.image.byteLength, prepared.image.buffer.byteLength);
    assert.equal(readElf('image', prepared.image).segments.at(-1)?.bytes, initrd);
    assert.equal((await prepareGuest(guest)).image, prepared.image);
    const changed = await prepareGuest(guest, { commandLine: 'debug', memorySize: 64 * MIB });
    assert.is(changed.commandLine, 'debug');
    assert.not.equal(changed.image, prepared.image);
    const size = tinyBzImage([0xf4]).length + initrd.length;
    assert.equal(await guestState(guest), { kind: 'local', size });
  }));

test('a guest with modules gets them, and its kernel may be compressed', () =>
  inFolder(async (folder) => {
    await writeFile(join(folder, 'kernel'), gzipSync(tinyElf([0xf4], MIB, MIB)));
    await writeFile(join(folder, 'module'), Uint8Array.of(1, 2, 3));
    const modules = [{ source: { file: 'module' }, string: 'first' }];
    const prepared = await prepareGuest(
      found(folder, { name: 'mine', boot: 'elf', kernel: 'kernel', modules, memory: 8 }),
    );
    assert.ok(readElf('image', prepared.image).segments.some(({ bytes }) => bytes.length === 3 && bytes[2] === 3));
    assert.is(prepared.prompt, undefined);
  }));

test('a guest on a disk gets the BIOS and the drive that it needs', () =>
  inFolder(async (folder) => {
    for (const name of ['bios', 'vga']) await writeFile(join(folder, name), Uint8Array.of(name.length));
    const floppy = new Uint8Array(1000).fill(0x55);
    floppy[511] = 0xaa;
    await writeFile(join(folder, 'disk'), floppy);
    const input: GuestInput & { boot: 'bios' } = {
      name: 'mine',
      boot: 'bios',
      disk: 'disk',
      bios: 'bios',
      vgaBios: 'vga',
      memory: 8,
    };
    const { boot, image } = await prepareGuest(found(folder, input));
    assert.equal(Object.keys(boot).sort(), ['bios', 'floppy', 'vgaBios']);
    assert.equal([boot.bios?.[0], boot.vgaBios?.[0]], [4, 3]);
    assert.is(boot.floppy, image);
    assert.is(image.length, 1024);
    const onDisk: GuestInput = { ...input, drive: 'hda' as const };
    assert.equal(Object.keys((await prepareGuest(found(folder, onDisk))).boot).sort()[1], 'disk');
    assert.equal(await guestState(found(folder, input)), { kind: 'local', size: 1002 });
    const initrd = await failure(prepareGuest(found(folder, input), { initrd: 'x' }));
    assert.match(String(initrd), /guest mine boots from a disk, and takes no initrd/);
    // Without a BIOS of its own it gets Debian's, which has to be fetched.
    const { bios: _, ...without } = input;
    const offline = await failure(prepareGuest(found(folder, without), { cache: folder, offline: true }));
    assert.match(String(offline), /seabios \(bookworm\) is not in the cache/);
  }));

test('what is wrong with a guest is told with names', () =>
  inFolder(async (folder) => {
    const kernel = join(folder, 'kernel');
    await writeFile(kernel, 'no kernel');
    const bad = await failure(prepareGuest(found(folder, { name: 'mine', kernel: 'kernel' })));
    assert.instance(bad, BootImageError);
    assert.match(String(bad), /kernel at offset 0x0: expected a Linux bzImage/);
    await writeFile(join(folder, 'kernel.gz'), Uint8Array.of(0x1f, 0x8b, 8, 0));
    const damaged = await failure(prepareGuest(found(folder, { name: 'mine', kernel: 'kernel.gz' })));
    assert.match(String(damaged), /kernel.gz is compressed with gzip and damaged/);
    const missing = await failure(prepareGuest(found(folder, { name: 'mine', kernel: 'none' })));
    assert.match(String(missing), /guest mine: cannot read .*none/);
    const initrd = await failure(
      prepareGuest(found(folder, { name: 'mine', kernel: 'kernel', initrd: { built: 'x' } })),
    );
    assert.match(String(initrd), /there is no initrd "x" to build; use one of: busybox, klibc, villains, workloads/);
  }));

test('a guest that was never fetched says what there is to fetch, or why it cannot', () =>
  inFolder(async (cache) => {
    const debian = await findGuest('debian-6.1');
    await writeFile(join(cache, 'apt-get'), '', { mode: 0o755 });
    const state = await guestState(debian, { cache, environment: { PATH: cache } });
    assert.is(state.kind, 'to-fetch');
    if (state.kind === 'to-fetch') {
      assert.is(state.size, 51921880 + 958344);
      assert.is(state.packages.length, 2);
    }
    const without = await guestState(debian, { cache, environment: { PATH: '/nowhere' } });
    assert.is(without.kind, 'unavailable');
    const error = await failure(prepareGuest(debian, { cache, offline: true }));
    assert.instance(error, GuestError);
    assert.is((error as GuestError).trouble, 'offline');
  }));

test.run();
