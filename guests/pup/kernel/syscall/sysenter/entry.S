// Entry by SYSENTER: interrupts are off, ESP comes from its MSR and is the top of the task's kernel stack.
#include "arch/frame.inc"

    .text
    .globl sysenter_entry
sysenter_entry:
    pushl $USER_DATA
    pushl %ecx // the program's stack pointer
    pushfl
    orl $EFLAGS_INTERRUPT, (%esp) // SYSENTER has cleared it
    pushl $USER_CODE
    pushl %edx // where the program goes on
    PUSH_FRAME
    pushl %esp
    call sysenter_dispatch
    addl $4, %esp
    cmpl $USER_CODE, FRAME_CS(%esp)
    jne trap_return // not where SYSEXIT can go
    POP_FRAME
    movl (%esp), %edx
    movl 12(%esp), %ecx
    sti // takes effect after the next instruction
    sysexit
