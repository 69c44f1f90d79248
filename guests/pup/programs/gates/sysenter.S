// int system_call(int number, a, b, c) through SYSENTER: number in EAX, arguments in EBX, ESI, EDI;
// ECX and EDX hold what the CPU does not save.
    .text
    .globl system_call
system_call:
    pushl %ebx
    pushl %esi
    pushl %edi
    movl 16(%esp), %eax
    movl 20(%esp), %ebx
    movl 24(%esp), %esi
    movl 28(%esp), %edi
    movl %esp, %ecx
    movl $1f, %edx
    sysenter
1:  popl %edi
    popl %esi
    popl %ebx
    ret
