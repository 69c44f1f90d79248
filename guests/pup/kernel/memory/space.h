// The user part of an address space: an image with a heap behind it, and a stack.
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { IMAGE_START = 0x00400000, HEAP_LIMIT = 0x60000000, STACK_TOP = 0x70000000, STACK_SIZE = 0x10000 };

struct address_space {
    uint32_t root;      // value for CR3
    uint32_t image_end; // the "break": end of image and heap
    uint32_t pages;     // user pages mapped
};

// Each returns 0 or a negated error. A space with root 0 is none.
int space_create(struct address_space *space);
void space_destroy(struct address_space *space);
// Fills `to` with copies of all pages of `from`. On failure `to` is destroyed.
int space_copy(struct address_space *to, const struct address_space *from);
// Maps a fresh zeroed page at `address`; `physical` (may be null) receives its frame.
int space_add_page(struct address_space *space, uint32_t address, bool writable, uint32_t *physical);
// True if the program may have a page at `address`, even if none is there yet.
bool space_covers(const struct address_space *space, uint32_t address);
// Makes `address` present if the program may have it: memory is handed out at the first touch.
int space_touch(struct address_space *space, uint32_t address, bool write);
