// The first instructions of every program: the kernel left argc and argv on the stack.
    .text
    .globl _start
_start:
    xorl %ebp, %ebp
    call main
    pushl %eax
    call exit
