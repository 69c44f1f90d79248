// Operands of a decoded instruction, for programs that reason about code. iced-x86 does the work; see decode.ts.
import type { Decoder, FlowControl, Instruction } from 'iced-x86';
import { type VirtAddr, virt } from '../address.ts';
import type { Flow } from './decode.ts';

/** An operand. Registers have their lower-case names: `eax`, `al`, `fs`, `cr3`. */
export type Operand =
  | { readonly kind: 'register'; readonly register: string }
  /** A constant, sign-extended to 32 bits and then taken as unsigned. */
  | { readonly kind: 'immediate'; readonly value: number }
  /** The target of a relative jump or call. */
  | { readonly kind: 'target'; readonly address: VirtAddr }
  /** The target of a far jump or call. */
  | { readonly kind: 'far'; readonly selector: number; readonly offset: number }
  | MemoryOperand
  | { readonly kind: 'other' };

/** Memory at segment:[base + index * scale + displacement], or what a string instruction names. */
export interface MemoryOperand {
  readonly kind: 'memory';
  readonly segment: string;
  readonly base: string | undefined;
  readonly index: string | undefined;
  readonly scale: number;
  /** 32 bits unsigned. */
  readonly displacement: number;
  /** Bytes accessed; 0 where the instruction does not say (LEA). */
  readonly size: number;
}

/** A decoded instruction with its operands. */
export interface AnalysedInstruction {
  readonly kind: 'instruction';
  readonly address: VirtAddr;
  /** Bytes, 1 to 15. */
  readonly length: number;
  /** Lower case, without prefixes: `mov`. */
  readonly mnemonic: string;
  readonly flow: Flow;
  /** Target of a jump or call that states it relative to itself. */
  readonly target: VirtAddr | undefined;
  readonly operands: readonly Operand[];
  /** Where in the instruction's bytes its constants lie: displacement and immediates. */
  readonly constants: readonly { readonly offset: number; readonly size: number }[];
}

type Iced = typeof import('iced-x86');

/** Makes what turns iced's instructions into ours. */
export function createAnalyser(iced: Iced, flows: ReadonlyMap<FlowControl, Flow>) {
  const { MemorySizeExt, OpKind } = iced;
  const registers = iced.Register as unknown as Readonly<Record<number, string>>;
  const mnemonics = iced.Mnemonic as unknown as Readonly<Record<number, string>>;
  const name = (register: number): string | undefined =>
    register === 0 ? undefined : registers[register]!.toLowerCase();

  const memory = (instruction: Instruction, base = name(instruction.memoryBase)): MemoryOperand => ({
    kind: 'memory',
    segment: name(instruction.memorySegment) ?? 'ds',
    base,
    index: name(instruction.memoryIndex),
    scale: instruction.memoryIndexScale,
    displacement: Number(BigInt.asUintN(32, instruction.memoryDisplacement)),
    size: MemorySizeExt.size(instruction.memorySize),
  });

  const stringMemory = (instruction: Instruction, base: string, segment = 'es'): MemoryOperand => ({
    ...{ kind: 'memory', segment, base, index: undefined, scale: 1, displacement: 0 },
    size: MemorySizeExt.size(instruction.memorySize),
  });

  const operand = (instruction: Instruction, index: number): Operand => {
    switch (instruction.opKind(index)) {
      case OpKind.Register:
        return { kind: 'register', register: name(instruction.opRegister(index)) ?? '' };
      case OpKind.Memory:
        return memory(instruction);
      case OpKind.MemorySegESI:
        return stringMemory(instruction, 'esi', name(instruction.memorySegment));
      case OpKind.MemoryESEDI:
        return stringMemory(instruction, 'edi');
      case OpKind.NearBranch16:
      case OpKind.NearBranch32:
        return { kind: 'target', address: virt(Number(instruction.nearBranchTarget)) };
      case OpKind.FarBranch16:
      case OpKind.FarBranch32:
        return { kind: 'far', selector: instruction.farBranchSelector, offset: instruction.farBranch32 >>> 0 };
      case OpKind.Immediate8:
      case OpKind.Immediate8to16:
      case OpKind.Immediate8to32:
      case OpKind.Immediate16:
      case OpKind.Immediate32:
        return { kind: 'immediate', value: Number(BigInt.asUintN(32, instruction.immediate(index))) };
      default:
        return { kind: 'other' };
    }
  };

  const constantsOf = (decoder: Decoder, instruction: Instruction): AnalysedInstruction['constants'] => {
    const found = decoder.getConstantOffsets(instruction);
    const constants = [];
    if (found.hasDisplacement) constants.push({ offset: found.displacementOffset, size: found.displacementSize });
    if (found.hasImmediate) constants.push({ offset: found.immediateOffset, size: found.immediateSize });
    found.free();
    return constants;
  };

  return (decoder: Decoder, instruction: Instruction, address: VirtAddr): AnalysedInstruction => {
    const operands: Operand[] = [];
    for (let index = 0; index < instruction.opCount; index++) operands.push(operand(instruction, index));
    const first = operands[0];
    return {
      kind: 'instruction',
      address,
      length: instruction.length,
      mnemonic: mnemonics[instruction.mnemonic]!.toLowerCase(),
      flow: flows.get(instruction.flowControl) ?? 'next',
      target: first?.kind === 'target' ? first.address : undefined,
      operands,
      constants: constantsOf(decoder, instruction),
    };
  };
}
