// Opcodes behind the 0xFE prefix: the threads proposal, chapter "Binary format".
import type { OpcodeGroup } from './opcode-groups.ts';

/** The seven widths of one read-modify-write operation, in opcode order; from `first` on, two groups per type run. */
function readModifyWrite(first: number, operation: string, operandCount: 1 | 2): OpcodeGroup[] {
  const group = (at: number, letter: string, names: string[]): OpcodeGroup => [
    first + at,
    `i${letter.repeat(operandCount)}:${letter}`,
    'memory',
    names.map((name) => name.replace('OP', operation)).join(' '),
  ];
  return [
    group(0, 'i', ['i32.atomic.rmw.OP']),
    group(1, 'I', ['i64.atomic.rmw.OP']),
    group(2, 'i', ['i32.atomic.rmw8.OP_u', 'i32.atomic.rmw16.OP_u']),
    group(4, 'I', ['i64.atomic.rmw8.OP_u', 'i64.atomic.rmw16.OP_u', 'i64.atomic.rmw32.OP_u']),
  ];
}

export const ATOMIC_OPCODES: readonly OpcodeGroup[] = [
  [0xfe00, 'ii:i', 'memory', 'memory.atomic.notify'],
  [0xfe01, 'iiI:i', 'memory', 'memory.atomic.wait32'],
  [0xfe02, 'iII:i', 'memory', 'memory.atomic.wait64'],
  // The one reserved byte of a fence reads as an index.
  [0xfe03, ':', 'index', 'atomic.fence'],
  [0xfe10, 'i:i', 'memory', 'i32.atomic.load'],
  [0xfe11, 'i:I', 'memory', 'i64.atomic.load'],
  [0xfe12, 'i:i', 'memory', 'i32.atomic.load8_u i32.atomic.load16_u'],
  [0xfe14, 'i:I', 'memory', 'i64.atomic.load8_u i64.atomic.load16_u i64.atomic.load32_u'],
  [0xfe17, 'ii:', 'memory', 'i32.atomic.store'],
  [0xfe18, 'iI:', 'memory', 'i64.atomic.store'],
  [0xfe19, 'ii:', 'memory', 'i32.atomic.store8 i32.atomic.store16'],
  [0xfe1b, 'iI:', 'memory', 'i64.atomic.store8 i64.atomic.store16 i64.atomic.store32'],
  ...readModifyWrite(0xfe1e, 'add', 1),
  ...readModifyWrite(0xfe25, 'sub', 1),
  ...readModifyWrite(0xfe2c, 'and', 1),
  ...readModifyWrite(0xfe33, 'or', 1),
  ...readModifyWrite(0xfe3a, 'xor', 1),
  ...readModifyWrite(0xfe41, 'xchg', 1),
  ...readModifyWrite(0xfe48, 'cmpxchg', 2),
];
