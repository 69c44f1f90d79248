// Every way in through the IDT and the common way out (Intel SDM vol. 3, 6.12).
#include "arch/selectors.h"
#include "current_entry.inc"

    .text
// One stub per vector. The CPU pushes an error code for some exceptions only; the others get a zero,
// so that all frames look alike. Stubs are 16 bytes apart: the IDT is filled by arithmetic.
    .balign 16
    .globl trap_stubs
trap_stubs:
    .set vector, 0
    .rept 256
    .balign 16
    .if vector != 8 && vector != 17 && (vector < 10 || vector > 14)
    pushl $0
    .endif
    pushl $vector
    jmp trap_entry
    .set vector, vector + 1
    .endr

    .globl trap_entry
trap_entry:
    cld
    pusha
    pushl %ds
    pushl %es
    pushl %fs
    pushl %gs
    movl $KERNEL_DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    LOAD_CURRENT_SEGMENT
    pushl %esp
    call trap_dispatch
    addl $4, %esp

// Leaves the kernel by the frame on top of the stack. A new process starts its life here.
    .globl trap_return
trap_return:
    popl %gs
    popl %fs
    popl %es
    popl %ds
    popa
    addl $8, %esp
    iret
