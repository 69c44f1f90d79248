// void vuln_copy(from in EAX, length in EDX), as the kernel passes arguments, calls vuln_overflow, which copies into 16 bytes on the stack
// without looking at the length: the return address lies 24 bytes from their start. In assembly, so that this distance is fixed and the
// registers that the overflow ruins are kept.
    .text
    .globl vuln_copy
vuln_copy:
    pushl %esi
    pushl %edi
    call vuln_overflow
    .globl vuln_copied
vuln_copied:
    popl %edi
    popl %esi
    ret

vuln_overflow:
    pushl %esi
    pushl %edi
    subl $16, %esp
    movl %eax, %esi
    movl %edx, %ecx
    movl %esp, %edi
    rep movsb
    addl $16, %esp
    popl %edi
    popl %esi
    ret

// int vuln_tail(to in EAX): goes there with nothing of its own on the stack.
    .globl vuln_tail
vuln_tail:
    jmp *%eax

    .section .note.GNU-stack, "", @progbits
