// The user part of an address space. Heap and stack pages come at the first touch; fork copies at once.
#include "memory/space.h"
#include "abi/errors.h"
#include "lib/string.h"
#include "memory/frames.h"
#include "paging/paging.h"

int space_create(struct address_space *space) {
    *space = (struct address_space){paging_create_root(), IMAGE_START, 0};
    return space->root ? 0 : -ENOMEM;
}

bool space_covers(const struct address_space *space, uint32_t address) {
    return (address >= IMAGE_START && address < space->image_end) ||
           (address >= STACK_TOP - STACK_SIZE && address < STACK_TOP);
}

int space_add_page(struct address_space *space, uint32_t address, bool writable, uint32_t *physical) {
    page_entry *entry = paging_entry(space->root, address, true);
    uint32_t frame = entry ? frame_allocate_zeroed() : 0;
    if (!frame) return -ENOMEM;
    *entry = frame | PAGE_PRESENT | PAGE_USER | (writable ? PAGE_WRITABLE : 0);
    space->pages++;
    if (physical) *physical = frame;
    return 0;
}

int space_touch(struct address_space *space, uint32_t address, bool write) {
    if (!space_covers(space, address)) return -EFAULT;
    page_entry *entry = paging_entry(space->root, address, false);
    if (!entry || !(*entry & PAGE_PRESENT)) return space_add_page(space, address & ~PAGE_MASK, true, 0);
    if (!(*entry & PAGE_USER) || (write && !(*entry & PAGE_WRITABLE))) return -EFAULT;
    return 0;
}

typedef int (*page_visitor)(uint32_t address, page_entry *entry, struct address_space *other);

static int visit_range(const struct address_space *space, uint32_t from, uint32_t to, page_visitor visit,
                       struct address_space *other) {
    for (uint32_t address = from; address < to; address += PAGE_SIZE) {
        page_entry *entry = paging_entry(space->root, address, false);
        if (!entry || !(*entry & PAGE_PRESENT)) continue;
        int error = visit(address, entry, other);
        if (error) return error;
    }
    return 0;
}

static int visit_pages(const struct address_space *space, page_visitor visit, struct address_space *other) {
    int error = visit_range(space, IMAGE_START, space->image_end, visit, other);
    return error ? error : visit_range(space, STACK_TOP - STACK_SIZE, STACK_TOP, visit, other);
}

static int copy_page(uint32_t address, page_entry *entry, struct address_space *to) {
    uint32_t frame;
    int error = space_add_page(to, address, *entry & PAGE_WRITABLE, &frame);
    if (!error) memcpy(to_virtual(frame), to_virtual((uint32_t)*entry & ~PAGE_FLAGS), PAGE_SIZE);
    return error;
}

int space_copy(struct address_space *to, const struct address_space *from) {
    int error = space_create(to);
    if (error) return error;
    to->image_end = from->image_end;
    error = visit_pages(from, copy_page, to);
    if (error) space_destroy(to);
    return error;
}

static int free_page(uint32_t address, page_entry *entry, struct address_space *unused) {
    (void)address, (void)unused;
    frame_free((uint32_t)*entry & ~PAGE_FLAGS);
    return 0;
}

void space_destroy(struct address_space *space) {
    if (!space->root) return;
    visit_pages(space, free_page, 0);
    paging_destroy_root(space->root);
    *space = (struct address_space){0, IMAGE_START, 0};
}
