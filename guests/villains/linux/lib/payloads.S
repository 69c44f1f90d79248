// The payloads of payloads.h. Selectors: Linux, arch/x86/include/asm/segment.h for 32 bits.
#define USER_CODE 0x73
#define USER_DATA 0x7b
#define INTERRUPTS_ON 0x202
#define SYS_IOCTL 54
#define SYSENTER_EIP 0x176

    .section .text.payloads, "ax"
    .globl payload, payload_return, payload_interrupt, payload_far, payload_escape, payload_sysenter
payload:
    movl %cs, %eax
    movl %eax, payload_cs
    ret

payload_return:
    movl %cs, %eax
    movl %eax, payload_cs
    pushl true_return
    ret

payload_interrupt:
    pushl %eax
    movl %cs, %eax
    movl %eax, payload_cs
    popl %eax
    iret

payload_far:
    pushl %eax
    movl %cs, %eax
    movl %eax, payload_cs
    popl %eax
    lret

payload_sysenter:
    movl $SYSENTER_EIP, %ecx
    movl true_sysenter, %eax
    xorl %edx, %edx
    wrmsr
payload_escape:
    movl %cs, %eax
    movl %eax, payload_cs
    movl $USER_DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    pushl $USER_DATA
    pushl saved_stack_pointer
    pushl $INTERRUPTS_ON
    pushl $USER_CODE
    pushl $back_in_user_mode
    iret

    .globl control_and_escape, sysenter_and_escape
control_and_escape:
    pushl %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    movl %esp, saved_stack_pointer
    movl $SYS_IOCTL, %eax
    movl 20(%esp), %ebx
    movl 24(%esp), %ecx
    movl 28(%esp), %edx
    int $0x80
back_in_user_mode:
    movl saved_stack_pointer, %esp
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    ret

sysenter_and_escape:
    pushl %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    movl %esp, saved_stack_pointer
    sysenter

    .section .rodata.payloads, "a"
    .globl moved_payload
moved_payload:
    movl %cs, %eax
    ret
    nop

    .section .bss.payloads, "aw", @nobits
    .balign 4
    .globl payload_cs, true_return, true_sysenter
payload_cs:
    .skip 4
true_return:
    .skip 4
true_sysenter:
    .skip 4
saved_stack_pointer:
    .skip 4

    .section .note.GNU-stack, "", @progbits
