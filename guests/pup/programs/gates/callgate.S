// int system_call(int number, a, b, c) through a call gate: the arguments lie on the stack already. The offset of the
// far call is ignored by the CPU; the gate has its own.
#include "kernel/arch/selectors.h"
    .text
    .globl system_call
system_call:
    movl 4(%esp), %eax
    lcall $CALL_GATE, $0
    ret
