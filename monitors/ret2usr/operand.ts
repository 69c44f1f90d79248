// Where an indirect call or jump leads, by its text and the registers as they are.
import { type Machine, type VirtAddr, virt } from '../../emulator/index.ts';

const REGISTERS = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'] as const;
const SEGMENTS = ['es', 'cs', 'ss', 'ds', 'fs', 'gs'] as const;

const REGISTER = /^(e[a-ds][xpi])(?:\*([1248]))?$/;
const NUMBER = /^0x([0-9a-f]+)$/;
const MEMORY = /^(?:(es|cs|ss|ds|fs|gs):)?\[([^\]]+)\]$/;

/** How far the stack pointer has moved since the instruction took its operand: 4 behind a call. */
type Moved = 0 | 4;

/**
 * The target of a near call or jump in Intel syntax, such as `call dword ptr [eax+0x10]`, if its operand is still what it was.
 * @param moved bytes by which the instruction itself has lowered ESP.
 * @returns undefined for a far one, and where memory is not mapped.
 */
export function indirectTarget(machine: Machine, text: string, moved: Moved): VirtAddr | undefined {
  const [, operand] = /^(?:notrack )?(?:call|jmp) (?:dword ptr )?([^,]+)$/.exec(text) ?? [];
  if (operand === undefined) return undefined;
  const register = value(machine, operand, moved);
  if (register !== undefined) return virt(register);
  const [, segment, inside] = MEMORY.exec(operand) ?? [];
  if (inside === undefined) return undefined;
  let address = segment === undefined ? 0 : machine.cpu.segment(SEGMENTS.indexOf(segment as 'fs')).base;
  for (const [, sign, term] of inside.matchAll(/([+-]?)([^+-]+)/g)) {
    const part = value(machine, term!, moved);
    if (part === undefined) return undefined;
    address += sign === '-' ? -part : part;
  }
  const word = machine.memory.readWord(virt(address));
  return word === undefined ? undefined : virt(word);
}

/** The value of a register, of one times a scale, or of a number. */
function value(machine: Machine, term: string, moved: Moved): number | undefined {
  const [, digits] = NUMBER.exec(term) ?? [];
  if (digits !== undefined) return Number.parseInt(digits, 16);
  const [, name, scale = '1'] = REGISTER.exec(term) ?? [];
  const index = REGISTERS.indexOf(name as 'eax');
  if (index < 0) return undefined;
  return (machine.cpu.register(index) + (name === 'esp' ? moved : 0)) * Number(scale);
}
