// Decodes x86 instructions with iced-x86, which is loaded only when first asked for: 0.8 MB of WebAssembly and as much
// JavaScript. It is a CommonJS package: its `default` export is what node and bundlers agree on, names are not.

import type { Decoder, FlowControl, Formatter, Instruction } from 'iced-x86';
import { type VirtAddr, virt } from '../address.ts';
import { type AnalysedInstruction, createAnalyser } from './analyse.ts';

/** Default operand and address size of the code: the D bit of CS. */
export type Bitness = 16 | 32;

/**
 * Where control goes after an instruction. SYSENTER counts as a call, SYSEXIT and IRET as returns, UD2 as an exception;
 * HLT, IN, OUT and the REP instructions simply go on.
 */
export type Flow =
  | 'next'
  | 'jump'
  | 'indirect-jump'
  | 'conditional-jump'
  | 'call'
  | 'indirect-call'
  | 'return'
  | 'interrupt'
  | 'transaction'
  | 'exception';

/** A decoded instruction. */
export interface DecodedInstruction {
  readonly kind: 'instruction';
  readonly address: VirtAddr;
  /** Bytes, 1 to 15. */
  readonly length: number;
  /** Lower case, without prefixes: `mov`. */
  readonly mnemonic: string;
  /** Intel syntax, numbers as `0x1f`: `mov eax, [ebx+0x10]`. */
  readonly text: string;
  readonly flow: Flow;
  /** Target of a jump or call that states it relative to itself; undefined for all else, far and indirect ones too. */
  readonly target: VirtAddr | undefined;
}

/** Bytes that are no instruction. */
export interface DecodeMiss {
  readonly kind: 'miss';
  readonly address: VirtAddr;
  /** `truncated`: more bytes are needed to tell; `invalid`: no bytes after these would make an instruction. */
  readonly reason: 'truncated' | 'invalid';
}

/** A loaded decoder; it holds one instruction's scratch space and is to be kept, not made per use. */
export interface InstructionDecoder {
  /**
   * Decodes the instruction that starts at `bytes[0]`. Up to 15 bytes are looked at.
   *
   * @param bytes code, as the guest would fetch it
   * @param address virtual address of `bytes[0]`, from which relative targets count
   * @param bitness @default 32
   */
  decodeAt(bytes: Uint8Array, address: VirtAddr, bitness?: Bitness): DecodedInstruction | DecodeMiss;

  /**
   * Decodes the 32-bit instruction that starts at `bytes[0]` for a program to look at: operands in place of text.
   *
   * @param bytes code, as the guest would fetch it
   * @param address virtual address of `bytes[0]`, from which relative targets count
   */
  analyse(bytes: Uint8Array, address: VirtAddr): AnalysedInstruction | DecodeMiss;
}

type Iced = typeof import('iced-x86');

/** The processor raises #GP for a longer instruction. */
const MAX_INSTRUCTION_BYTES = 15;

let loading: Promise<InstructionDecoder> | undefined;

/**
 * Loads the decoder, once; later calls get the same one.
 *
 * @throws Error when the iced-x86 package cannot be loaded; the next call tries again
 * @example
 * const { decodeAt } = await loadDecoder();
 * decodeAt(Uint8Array.of(0xcd, 0x80), virt(0x1000)); // { kind: 'instruction', text: 'int 0x80', flow: 'interrupt', ... }
 */
export function loadDecoder(): Promise<InstructionDecoder> {
  loading ??= import('iced-x86')
    .then((module) => createDecoder(module.default))
    .catch((cause: unknown) => {
      loading = undefined;
      throw new Error(
        'the instruction decoder (npm package iced-x86) could not be loaded: reinstall the dependencies',
        {
          cause,
        },
      );
    });
  return loading;
}

function createDecoder(iced: Iced): InstructionDecoder {
  const flows = flowTable(iced);
  const formatter = createFormatter(iced);
  const instruction = new iced.Instruction();

  const decodeAt: InstructionDecoder['decodeAt'] = (bytes, address, bitness = 32) => {
    const window = bytes.subarray(0, MAX_INSTRUCTION_BYTES);
    const decoder = new iced.Decoder(bitness, window, iced.DecoderOptions.None);
    try {
      decoder.ip = BigInt(address);
      decoder.decodeOut(instruction);
      if (instruction.code === iced.Code.INVALID) {
        return { kind: 'miss', address, reason: missReason(iced, decoder, window) };
      }
      return describe(iced, instruction, formatter, flows, address);
    } finally {
      // The decoder lives in iced's WebAssembly memory, which no garbage collector sees.
      decoder.free();
    }
  };
  const analyseBytes = createAnalyser(iced, flows);
  const analyse: InstructionDecoder['analyse'] = (bytes, address) => {
    const window = bytes.subarray(0, MAX_INSTRUCTION_BYTES);
    const decoder = new iced.Decoder(32, window, iced.DecoderOptions.None);
    try {
      decoder.ip = BigInt(address);
      decoder.decodeOut(instruction);
      if (instruction.code === iced.Code.INVALID)
        return { kind: 'miss', address, reason: missReason(iced, decoder, window) };
      return analyseBytes(decoder, instruction, address);
    } finally {
      decoder.free();
    }
  };
  return { decodeAt, analyse };
}

/** Bytes run out only where fewer than an instruction's longest were given; with all 15, it is too long to be one. */
const missReason = (iced: Iced, decoder: Decoder, window: Uint8Array): DecodeMiss['reason'] =>
  decoder.lastError === iced.DecoderError.NoMoreBytes && window.length < MAX_INSTRUCTION_BYTES
    ? 'truncated'
    : 'invalid';

const describe = (
  iced: Iced,
  instruction: Instruction,
  formatter: Formatter,
  flows: ReadonlyMap<FlowControl, Flow>,
  address: VirtAddr,
): DecodedInstruction => ({
  kind: 'instruction',
  address,
  length: instruction.length,
  mnemonic: formatter.formatMnemonicOptions(instruction, iced.FormatMnemonicOptions.NoPrefixes),
  text: formatter.format(instruction),
  flow: flows.get(instruction.flowControl) ?? 'next',
  target: hasNearTarget(iced, instruction) ? virt(Number(instruction.nearBranchTarget)) : undefined,
});

function hasNearTarget(iced: Iced, instruction: Instruction): boolean {
  const kind = instruction.op0Kind;
  return instruction.opCount > 0 && (kind === iced.OpKind.NearBranch16 || kind === iced.OpKind.NearBranch32);
}

const flowTable = ({ FlowControl }: Iced): ReadonlyMap<FlowControl, Flow> =>
  new Map<FlowControl, Flow>([
    [FlowControl.Next, 'next'],
    [FlowControl.UnconditionalBranch, 'jump'],
    [FlowControl.IndirectBranch, 'indirect-jump'],
    [FlowControl.ConditionalBranch, 'conditional-jump'],
    [FlowControl.Call, 'call'],
    [FlowControl.IndirectCall, 'indirect-call'],
    [FlowControl.Return, 'return'],
    [FlowControl.Interrupt, 'interrupt'],
    [FlowControl.XbeginXabortXend, 'transaction'],
    [FlowControl.Exception, 'exception'],
  ]);

function createFormatter({ Formatter, FormatterSyntax }: Iced): Formatter {
  const formatter = new Formatter(FormatterSyntax.Intel);
  formatter.hexPrefix = '0x';
  formatter.hexSuffix = '';
  formatter.uppercaseHex = false;
  formatter.smallHexNumbersInDecimal = false;
  formatter.addLeadingZeroToHexNumbers = false;
  formatter.branchLeadingZeros = false;
  formatter.showBranchSize = false;
  formatter.spaceAfterOperandSeparator = true;
  return formatter;
}
