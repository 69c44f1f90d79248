// The allocator of physical memory, in frames of 4 KiB.
#pragma once
#include <stdint.h>

extern uint32_t frames_total, frames_free_count;

void frames_init(void);
// Returns a physical address, or 0 if memory is exhausted.
uint32_t frame_allocate(void);
uint32_t frame_allocate_zeroed(void);
void frame_free(uint32_t frame);
