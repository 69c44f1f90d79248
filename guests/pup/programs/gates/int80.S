// int system_call(int number, a, b, c) through INT 0x80: number in EAX, arguments in EBX, ECX, EDX.
    .text
    .globl system_call
system_call:
    pushl %ebx
    movl 8(%esp), %eax
    movl 12(%esp), %ebx
    movl 16(%esp), %ecx
    movl 20(%esp), %edx
    int $0x80
    popl %ebx
    ret
