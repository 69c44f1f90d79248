// void vuln_overflow(const void *from, uint32_t length)
// Copies into 16 bytes on the stack without looking at the length: 24 bytes further lies the return address.
// In assembly, so that every variant has the same distance.
    .text
    .globl vuln_overflow
vuln_overflow:
    pushl %esi
    pushl %edi
    subl $16, %esp
    movl 28(%esp), %esi
    movl 32(%esp), %ecx
    movl %esp, %edi
    rep movsb
    addl $16, %esp
    popl %edi
    popl %esi
    ret
