// Page tables, seen independently of their format. `legacy` has two levels of 4-byte entries, `pae` three of 8 bytes
// (Intel SDM vol. 3, 4.3 and 4.4). KERNEL_SPLIT comes from the build: 3 or 2 GiB of user space below the kernel.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "globals.h"
#include "page_entry.h"

enum { PAGE_SIZE = 4096, PAGE_MASK = PAGE_SIZE - 1 };
enum { PAGE_PRESENT = 1, PAGE_WRITABLE = 2, PAGE_USER = 4, PAGE_LARGE = 0x80, PAGE_GLOBAL = 0x100, PAGE_FLAGS = 0xfff };

// All RAM up to here is mapped at KERNEL_SPLIT + physical address.
#define MEMORY_LIMIT 0x10000000u

static inline void *to_virtual(uint32_t physical) { return (void *)(physical + KERNEL_SPLIT); }
static inline uint32_t to_physical(const void *address) { return (uint32_t)address - KERNEL_SPLIT; }

// The page tables of the kernel alone: what the idle task runs on.
extern uint32_t kernel_root;

// Builds the kernel's page tables for all RAM up to memory_end, and moves to them.
void paging_init(void);
// Loads CR3; counted.
void paging_activate(uint32_t root);

// What each format defines:

// Makes top tables that share the kernel's part. Returns the value for CR3, or 0 if there is no memory.
uint32_t paging_create_root(void);
// Frees the tables of the user part and the root; the pages they map are the caller's.
void paging_destroy_root(uint32_t root);
// The entry that maps `address`, or null if there is no table for it (and none can be made, with `create`).
page_entry *paging_entry(uint32_t root, uint32_t address, bool create);
