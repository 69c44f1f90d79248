// void swap_stacks(uint32_t *save_stack_pointer, uint32_t stack_pointer)
// The instant of the switch: before it one task, after it another. C keeps nothing in other registers across a call.
    .text
    .globl swap_stacks
swap_stacks:
    movl 4(%esp), %eax
    movl 8(%esp), %edx
    pushl %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    movl %esp, (%eax)
    movl %edx, %esp
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    ret
