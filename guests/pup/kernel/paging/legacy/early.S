// The first page tables: a directory of 4 MiB pages, RAM both at its physical address and in the upper half.
// Built by the assembler, so that the boot code only has to switch it on.
    .section .boot.text, "ax"
    .globl early_paging
early_paging:
    movl %cr4, %ecx
    orl $0x10, %ecx // PSE: 4 MiB pages
    movl %ecx, %cr4
    movl $early_directory, %ecx
    movl %ecx, %cr3
    movl %cr0, %ecx
    orl $0x80010000, %ecx // PG, and WP: the kernel too must respect read-only pages
    movl %ecx, %cr0
    ret

#define EARLY_PAGES 64 // 256 MiB

    .section .boot.data, "aw"
    .balign 4096
early_directory:
    .set page, 0
    .rept EARLY_PAGES
    .long (page << 22) + 0x83
    .set page, page + 1
    .endr
    .skip ((KERNEL_SPLIT >> 22) - EARLY_PAGES) * 4
    .set page, 0
    .rept EARLY_PAGES
    .long (page << 22) + 0x83
    .set page, page + 1
    .endr
    .balign 4096, 0
