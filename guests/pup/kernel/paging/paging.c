// The parts of paging that do not depend on the format of the tables.
#include "paging/paging.h"
#include "arch/cpu.h"
#include "boot/boot_info.h"
#include "console/console.h"
#include "truth/truth.h"

uint32_t kernel_root;
extern char kernel_text_start[], kernel_text_end[];

void paging_activate(uint32_t root) {
    truth.cr3_writes++;
    asm volatile("mov %0, %%cr3" ::"r"(root) : "memory");
}

void paging_init(void) {
    kernel_root = paging_create_root();
    for (uint32_t physical = 0; physical < memory_end; physical += PAGE_SIZE) {
        uint32_t address = physical + KERNEL_SPLIT;
        bool text = address >= (uint32_t)kernel_text_start && address < (uint32_t)kernel_text_end;
        page_entry *entry = paging_entry(kernel_root, address, true);
        if (!entry) panic("no memory for the kernel's page tables");
        *entry = physical | PAGE_PRESENT | (text ? 0 : PAGE_WRITABLE) | KERNEL_PAGE_GLOBAL;
    }
    // Other address spaces copy the kernel's top entries when they are made, so the tables must all exist by now.
    paging_activate(kernel_root);
    globals_enable();
}
