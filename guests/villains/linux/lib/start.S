// A program begins: argc and argv lie on the stack (System V ABI, i386 supplement, "Process Initialization").
    .text
    .globl _start
_start:
    xorl %ebp, %ebp
    movl (%esp), %eax
    leal 4(%esp), %edx
    andl $-16, %esp
    subl $8, %esp
    pushl %edx
    pushl %eax
    call main
    movl %eax, %ebx
    movl $1, %eax
    int $0x80
    hlt

    .section .note.GNU-stack, "", @progbits
