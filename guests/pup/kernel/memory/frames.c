// The allocator of physical memory. Frames never used yet lie behind a mark that moves up; returned ones form a list
// whose links are kept in the free frames themselves. Nothing has to be set up per frame at boot.
#include "memory/frames.h"
#include "boot/boot_info.h"
#include "lib/string.h"
#include "paging/paging.h"

uint32_t frames_total, frames_free_count;
static uint32_t never_used, free_list;
extern char kernel_end[];

void frames_init(void) {
    never_used = to_physical(kernel_end);
    frames_total = frames_free_count = (memory_end - never_used) / PAGE_SIZE;
}

uint32_t frame_allocate(void) {
    uint32_t frame = free_list;
    if (frame) {
        free_list = *(uint32_t *)to_virtual(frame);
    } else {
        if (never_used + PAGE_SIZE > memory_end) return 0;
        frame = never_used;
        never_used += PAGE_SIZE;
    }
    frames_free_count--;
    return frame;
}

uint32_t frame_allocate_zeroed(void) {
    uint32_t frame = frame_allocate();
    if (frame) memset(to_virtual(frame), 0, PAGE_SIZE);
    return frame;
}

void frame_free(uint32_t frame) {
    *(uint32_t *)to_virtual(frame) = free_list;
    free_list = frame;
    frames_free_count++;
}
