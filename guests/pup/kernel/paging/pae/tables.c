// Three-level page tables: CR3 -> 4 pointers -> directories of 512 -> tables of 512 (Intel SDM vol. 3, 4.4).
#include "memory/frames.h"
#include "paging/paging.h"

enum { QUARTERS = 4, ENTRIES = 512, QUARTER_SHIFT = 30, DIRECTORY_SHIFT = 21, TABLE_SHIFT = 12 };
enum { TABLE_FLAGS = PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER };
#define FIRST_KERNEL_QUARTER (KERNEL_SPLIT >> QUARTER_SHIFT)

static page_entry *table_of(page_entry entry) { return to_virtual((uint32_t)entry & ~PAGE_FLAGS); }

// The CPU reads the four pointers once, when CR3 is written. So all of them are set here, never later.
uint32_t paging_create_root(void) {
    uint32_t root = frame_allocate_zeroed();
    if (!root) return 0;
    page_entry *pointers = to_virtual(root);
    for (unsigned i = 0; i < QUARTERS; i++) {
        if (kernel_root && i >= FIRST_KERNEL_QUARTER) {
            pointers[i] = ((page_entry *)to_virtual(kernel_root))[i];
            continue;
        }
        uint32_t directory = frame_allocate_zeroed();
        if (!directory) {
            paging_destroy_root(root);
            return 0;
        }
        pointers[i] = directory | PAGE_PRESENT;
    }
    return root;
}

void paging_destroy_root(uint32_t root) {
    page_entry *pointers = to_virtual(root);
    for (unsigned i = 0; i < FIRST_KERNEL_QUARTER; i++) {
        if (!(pointers[i] & PAGE_PRESENT)) continue;
        page_entry *directory = table_of(pointers[i]);
        for (unsigned j = 0; j < ENTRIES; j++)
            if (directory[j] & PAGE_PRESENT) frame_free((uint32_t)directory[j] & ~PAGE_FLAGS);
        frame_free((uint32_t)pointers[i] & ~PAGE_FLAGS);
    }
    frame_free(root);
}

page_entry *paging_entry(uint32_t root, uint32_t address, bool create) {
    page_entry *pointers = to_virtual(root);
    page_entry *slot = &table_of(pointers[address >> QUARTER_SHIFT])[address >> DIRECTORY_SHIFT & (ENTRIES - 1)];
    if (!(*slot & PAGE_PRESENT)) {
        uint32_t table = create ? frame_allocate_zeroed() : 0;
        if (!table) return 0;
        *slot = table | TABLE_FLAGS;
    }
    return &table_of(*slot)[address >> TABLE_SHIFT & (ENTRIES - 1)];
}
