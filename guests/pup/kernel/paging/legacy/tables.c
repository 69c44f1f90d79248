// Two-level page tables: CR3 -> directory of 1024 -> table of 1024 (Intel SDM vol. 3, 4.3).
#include "memory/frames.h"
#include "paging/paging.h"
#include "lib/string.h"

enum { ENTRIES = 1024, DIRECTORY_SHIFT = 22, TABLE_SHIFT = 12 };
enum { TABLE_FLAGS = PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER };
#define FIRST_KERNEL_ENTRY (KERNEL_SPLIT >> DIRECTORY_SHIFT)

uint32_t paging_create_root(void) {
    uint32_t root = frame_allocate_zeroed();
    if (root && kernel_root) {
        page_entry *to = to_virtual(root), *from = to_virtual(kernel_root);
        memcpy(to + FIRST_KERNEL_ENTRY, from + FIRST_KERNEL_ENTRY, (ENTRIES - FIRST_KERNEL_ENTRY) * sizeof *to);
    }
    return root;
}

void paging_destroy_root(uint32_t root) {
    page_entry *directory = to_virtual(root);
    for (unsigned i = 0; i < FIRST_KERNEL_ENTRY; i++)
        if (directory[i] & PAGE_PRESENT) frame_free(directory[i] & ~PAGE_FLAGS);
    frame_free(root);
}

page_entry *paging_entry(uint32_t root, uint32_t address, bool create) {
    page_entry *directory = to_virtual(root), *slot = &directory[address >> DIRECTORY_SHIFT];
    if (!(*slot & PAGE_PRESENT)) {
        uint32_t table = create ? frame_allocate_zeroed() : 0;
        if (!table) return 0;
        *slot = table | TABLE_FLAGS;
    }
    page_entry *table = to_virtual(*slot & ~PAGE_FLAGS);
    return &table[address >> TABLE_SHIFT & (ENTRIES - 1)];
}
