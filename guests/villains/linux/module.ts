// Builds villains.ko against Debian's header packages, without their kbuild programs, which are for i386. Node only.
// The object holds inlined code of Linux's headers, so it is under GPL-2.0; its sources here are also under Wolfden's licence.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compileAll } from '../../pup/compile.ts';
import { runTool } from '../../pup/toolchain.ts';
import { ROOT } from './programs.ts';

/** The kernel that the committed module is for: that of the guest `debian-6.1-villains`. */
export const MODULE_ABI = '6.1.0-50';

const HERE = 'villains/linux/module';
const SOURCES = ['main', 'hang', 'hook', 'rootkit', 'vuln', 'link'].map((name) => `${HERE}/${name}.c`);
/** Knows nothing of Linux's headers. */
const ASSEMBLY = [`${HERE}/overflow.S`];

/** Of Linux's arch/x86/Makefile for this configuration; without retpolines, so that the holes stay open. */
const FLAGS = [
  ...['-m32', '-march=i686', '-O2', '-std=gnu11', '-g0', '-Wall', '-Wno-pointer-sign', '-Werror'],
  ...['-nostdinc', '-ffreestanding', '-fshort-wchar', '-funsigned-char', '-fno-common', '-fno-strict-aliasing'],
  ...['-fno-pic', '-fno-pie', '-fno-stack-protector', '-fno-asynchronous-unwind-tables', '-fcf-protection=none'],
  ...['-fno-omit-frame-pointer', '-fno-strict-overflow', '-fno-delete-null-pointer-checks', '-fno-jump-tables'],
  ...[
    '-mno-sse',
    '-mno-mmx',
    '-mno-sse2',
    '-mno-3dnow',
    '-mno-avx',
    '-msoft-float',
    '-mregparm=3',
    '-freg-struct-return',
  ],
  ...['-mpreferred-stack-boundary=2', '-mno-80387', '-Wa,-mrelax-relocations=no'],
  ...['-D__KERNEL__', '-DMODULE', '-DKBUILD_MODNAME="villains"', '-DKBUILD_BASENAME="villains"'],
  '-D__KBUILD_MODNAME=kmod_villains',
];

/**
 * Builds the module.
 * @param headers folder that linux-headers-ABI-686 and linux-headers-ABI-common were unpacked into (`dpkg-deb -x`)
 * @throws ToolError if gcc or binutils are missing or the headers are not there
 */
export async function buildModule(headers: string): Promise<Uint8Array> {
  const flavour = path.resolve(headers, `usr/src/linux-headers-${MODULE_ABI}-686`);
  const common = path.resolve(headers, `usr/src/linux-headers-${MODULE_ABI}-common`);
  const folders = [
    ...[
      `${common}/arch/x86/include`,
      `${flavour}/arch/x86/include/generated`,
      `${common}/include`,
      `${flavour}/include`,
    ],
    ...[`${common}/arch/x86/include/uapi`, `${flavour}/arch/x86/include/generated/uapi`],
    ...[`${common}/include/uapi`, `${flavour}/include/generated/uapi`],
  ];
  const always = ['compiler-version.h', 'kconfig.h', 'compiler_types.h'].map(
    (name) => `${common}/include/linux/${name}`,
  );
  const scratch = await mkdtemp(path.join(tmpdir(), 'villains-'));
  try {
    const flags = [
      ...FLAGS,
      // No path of this machine gets into the object.
      `-ffile-prefix-map=${path.resolve(headers)}=`,
      ...folders.flatMap((folder) => ['-I', folder]),
      ...always.flatMap((file) => ['-include', file]),
    ];
    const compiled = await compileAll(ROOT, scratch, SOURCES, flags);
    const assembled = await compileAll(ROOT, scratch, ASSEMBLY, ['-m32']);
    const objects = [...compiled.values(), ...assembled.values()];
    const linked = path.join(scratch, 'villains.ko');
    await runTool('ld', ['-m', 'elf_i386', '-r', '--build-id=none', '-o', linked, ...objects], ROOT);
    await runTool(
      'objcopy',
      ['--strip-debug', '--remove-section=.comment', '--remove-section=.note.GNU-stack', linked],
      ROOT,
    );
    return await readFile(linked);
  } finally {
    await rm(scratch, { recursive: true });
  }
}
