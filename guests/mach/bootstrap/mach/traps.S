// System calls by a far call through the call gate: the number, negated, in EAX, the arguments on the stack as the C
// compiler left them. The offset of the far call is ignored by the CPU; the gate has its own (Intel SDM vol. 3, 5.8.4).
#include "mach/traps.h"

    .set CALL_GATE, 7   // entry 0 of the LDT, asked for with privilege 3

// There is one CPU, and one instruction does the counting: no thread of the task can come between.
    .macro trap name, number
    .globl \name
\name:
    movl own_truth, %eax
    incl (4 * \number)(%eax)
    movl $-\number, %eax
    lcall $CALL_GATE, $0
    ret
    .endm

    .text
    trap mach_msg, TRAP_MACH_MSG
    trap mach_reply_port, TRAP_REPLY_PORT
    trap mach_task_self, TRAP_TASK_SELF
    trap vm_allocate, TRAP_VM_ALLOCATE
    trap vm_deallocate, TRAP_VM_DEALLOCATE
    trap task_create, TRAP_TASK_CREATE
    trap task_terminate, TRAP_TASK_TERMINATE
    trap task_set_special_port, TRAP_SET_SPECIAL_PORT
    trap mach_port_allocate, TRAP_PORT_ALLOCATE
    trap mach_port_insert_right, TRAP_INSERT_RIGHT

    .section .note.GNU-stack, "", @progbits
