// The first page tables: one directory of 2 MiB pages, found both at physical addresses and in the upper half.
// Built by the assembler, so that the boot code only has to switch it on.
    .section .boot.text, "ax"
    .globl early_paging
early_paging:
    movl %cr4, %ecx
    orl $0x30, %ecx // PAE; and PSE, which a real CPU does not ask for here, but v86 does
    movl %ecx, %cr4
    movl $early_pointers, %ecx
    movl %ecx, %cr3
    movl %cr0, %ecx
    orl $0x80010000, %ecx // PG, and WP: the kernel too must respect read-only pages
    movl %ecx, %cr0
    ret

#define EARLY_PAGES 128 // 256 MiB

    .section .boot.data, "aw"
    .balign 4096
early_directory:
    .set page, 0
    .rept EARLY_PAGES
    .long (page << 21) + 0x83, 0
    .set page, page + 1
    .endr
    .balign 4096, 0
early_pointers:
    .set quarter, 0
    .rept 4
    .if quarter == 0 || quarter == (KERNEL_SPLIT >> 30)
    .long early_directory + 1, 0
    .else
    .long 0, 0
    .endif
    .set quarter, quarter + 1
    .endr
