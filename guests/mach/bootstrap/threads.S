// Where the bootstrap task begins, and where the threads of its children do.
    .text
    .globl _start, thread_entry

// The kernel leaves the count of arguments and their addresses on the stack.
_start:
    movl %esp, %eax
    leal 4(%eax), %edx
    pushl %edx
    pushl (%eax)
    call main
    ud2

// EBX: the argument; ESI: the function; EDI: the task's record of truth.
thread_entry:
    movl %edi, own_truth
    pushl %ebx
    call *%esi
    ud2

    .section .note.GNU-stack, "", @progbits
