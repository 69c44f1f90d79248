// What is true of a pup, out of its map: for tests of monitors that are not to depend on inference.

import { virt } from '../../emulator/index.ts';
import { type DecodedInstruction, loadDecoder } from '../../emulator/x86/index.ts';
import type { SymbolMap } from '../../guests/pup/symbols.ts';
import { type Parameters, type ParameterValues, unknownParameters } from '../parameters.ts';
import { elfBytesAt } from './elf-bytes.ts';

/** guests/pup/abi/syscalls.h */
const CALLS = { exit: 1, fork: 2, exec: 3, threadCreate: 22, threadExit: 23 } as const;
const NAME_LENGTH = 16;
const PATH_ARGUMENT = {
  int80: 'ebx',
  sysenter: 'ebx',
  int2e: { register: 'edx', offset: 0 },
  callgate: { register: 'esp', offset: 8 },
} as const;

/** Known values as parameters; all others are unknown. */
export function parametersOf(values: Partial<ParameterValues>): Parameters {
  const known = Object.entries(values).map(([name, value]) => [name, { state: 'known', value }]);
  const rest = unknownParameters('not told by this test');
  return new Proxy(Object.fromEntries(known) as Parameters, {
    get: (target, name) => Reflect.get(target, name) ?? Reflect.get(rest, name),
  });
}

/** The parameters of a pup. @param image the ELF file that the map is of. */
export async function pupParameters(map: SymbolMap, image: Uint8Array): Promise<Parameters> {
  return parametersOf(await pupValues(map, image));
}

/** The same as plain values. */
export async function pupValues(map: SymbolMap, image: Uint8Array): Promise<Partial<ParameterValues>> {
  const { symbols, offsets, options } = map;
  const at = (name: string) => virt(symbols[name]!.address);
  const offset = (name: string) => offsets[name]!;
  const place = (field: string) =>
    options.threads === 'threads'
      ? { via: offset('task.process'), offset: offset(field) }
      : { offset: offset('task.process') + offset(field) };
  const pathArgument = PATH_ARGUMENT[options.syscall];
  return {
    kernelSplit: virt(options.split * 2 ** 30),
    kernelText: { from: at('kernel_text_start'), to: at('kernel_text_end') },
    systemCallNumber: 'eax',
    contextSwitch: await switchPlace(map, image),
    current: currentPlace(map),
    processId: { ...place('process.pid'), size: 4 },
    name: { ...place('process.name'), length: NAME_LENGTH, pointer: options.names === 'pointer' },
    parent: {
      ...place('process.parent'),
      kind: 'pointer',
      ...(options.threads === 'threads' ? {} : { inside: offset('task.process') }),
    },
    createCalls: [{ number: CALLS.fork }, { number: CALLS.threadCreate }],
    replaceCalls: [{ number: CALLS.exec, pathArgument }],
    endCalls: [{ number: CALLS.exit }, { number: CALLS.threadExit }],
    timerVector: 0x20,
    keyboardVector: 0x21,
  };
}

function currentPlace({ symbols, options }: SymbolMap): ParameterValues['current'] {
  if (options.current === 'stack') return { how: 'stack', mask: -4096, offset: 0, indirect: true };
  if (options.current === 'global') return { how: 'global', address: virt(symbols.current_task_pointer!.address) };
  return { how: 'segment', segment: 'gs', offset: 4 };
}

async function switchPlace({ symbols, options }: SymbolMap, image: Uint8Array) {
  const symbol = symbols[options.switch === 'tss' ? 'context_switch' : 'swap_stacks']!;
  // Assembly has no sizes.
  const size = symbol.size || 32;
  const { decodeAt } = await loadDecoder();
  const code = elfBytesAt(image, symbol.address, size);
  const isSwitch = ({ mnemonic, text }: DecodedInstruction) =>
    options.switch === 'tss' ? mnemonic === 'jmp far' : text.startsWith('mov esp,');
  for (let from = 0; from < code.length; ) {
    const found = decodeAt(code.subarray(from), virt(symbol.address + from));
    if (found.kind !== 'instruction') break;
    if (isSwitch(found))
      return { from: virt(symbol.address), to: virt(symbol.address + size), stackSwitch: found.address };
    from += found.length;
  }
  throw new Error(`${symbol.address.toString(16)}: expected the switch of stacks, found none`);
}
