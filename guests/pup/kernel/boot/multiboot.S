// Where the loader jumps to: 32-bit protected mode, paging off, EAX and EBX as the Multiboot specification (0.6.96) says.
#include "arch/selectors.h"

#define MULTIBOOT_MAGIC 0x1badb002
#define MULTIBOOT_FLAGS 0x3 // modules on page boundaries, and tell us the memory map

    .section .multiboot, "a"
    .balign 4
    .long MULTIBOOT_MAGIC, MULTIBOOT_FLAGS, -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

// This part is linked at its physical address: no page tables yet.
    .section .boot.text, "ax"
    .globl boot_entry
boot_entry:
    cli
    cld
    call early_paging // turns paging on; keeps EAX and EBX
    movl $1f, %ecx
    jmp *%ecx // to the upper half

    .text
1:  movl $boot_stack_top, %esp
    pushl $0 // ends the chain of frame pointers
    pushl $0
    movl %esp, %ebp
    pushl %ebx
    pushl %eax
    call kernel_main

// The boot stack becomes the stack of the idle task. Page-aligned like every kernel stack.
    .section .bss
    .balign 4096
    .globl boot_stack, boot_stack_top
boot_stack:
    .skip 4096
boot_stack_top:
