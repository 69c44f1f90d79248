// What the kernel counts for each process.
#pragma once
#include <stdint.h>

struct process_truth {
    uint32_t system_calls, page_faults, ticks;
};
