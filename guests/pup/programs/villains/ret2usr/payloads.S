// The code that runs in the kernel's place. It could do anything; it only looks at its privilege level.
#include "kernel/arch/selectors.h"

    .section .text.payload_call, "ax"
    .globl payload_call
payload_call:
    movl %cs, %eax
    movl %eax, payload_cs
    ret

    .section .text.payload_interrupt, "ax"
    .globl payload_interrupt
payload_interrupt:
    pushl %eax
    movl %cs, %eax
    movl %eax, payload_cs
    popl %eax
    iret

    .section .text.payload_far, "ax"
    .globl payload_far
payload_far:
    pushl %eax
    movl %cs, %eax
    movl %eax, payload_cs
    popl %eax
    lret

// int call_and_escape(file, operation, argument): remembers where it was before it asks for the catastrophe.
    .section .text.call_and_escape, "ax"
    .globl call_and_escape
call_and_escape:
    pushl %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    movl %esp, saved_stack_pointer
    pushl 28(%esp)
    pushl 28(%esp)
    pushl 28(%esp)
    pushl control_number
    call system_call
    movl $-1, payload_cs // came back the ordinary way: it did not work
back_in_user_mode:
    movl saved_stack_pointer, %esp
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    movl payload_cs, %eax
    ret

    .section .text.payload_escape, "ax"
    .globl payload_escape
payload_escape:
    movl %cs, %eax
    movl %eax, payload_cs
    movl $USER_DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %fs
    movl %eax, %gs
    pushl $USER_DATA
    pushl saved_stack_pointer
    pushl $0x202 // interrupts on
    pushl $USER_CODE
    pushl $back_in_user_mode
    iret

    .section .bss.payload, "aw", @nobits
    .balign 4
    .globl payload_cs
payload_cs:
    .skip 4
saved_stack_pointer:
    .skip 4
