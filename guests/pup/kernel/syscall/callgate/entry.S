// Entry by the call gate. The CPU has pushed SS, ESP, CS and EIP but no flags, and has left interrupts on.
#include "arch/frame.inc"

    .text
    .globl callgate_entry
callgate_entry:
    // From [eip cs esp ss] to [eip cs eflags esp ss], without losing a register.
    pushfl
    cli
    pushl %eax                // [eax eflags eip cs esp ss]
    movl 8(%esp), %eax
    xchgl %eax, 4(%esp)       // [eax eip eip cs ...], EAX = eflags
    xchgl %eax, 12(%esp)      // [eax eip eip eflags ...], EAX = cs
    movl %eax, 8(%esp)
    popl %eax
    PUSH_FRAME
    pushl %esp
    call callgate_dispatch
    addl $4, %esp
    cmpl $USER_CODE, FRAME_CS(%esp)
    jne trap_return
    POP_FRAME
    // And back, for the far return.
    pushl %eax                // [eax eip cs eflags esp ss]
    movl 8(%esp), %eax
    movl %eax, 12(%esp)
    movl 4(%esp), %eax
    movl %eax, 8(%esp)
    popl %eax
    addl $4, %esp
    sti // takes effect after the next instruction
    lret
