// An entry of a two-level page table (Intel SDM vol. 3, 4.3).
#pragma once
#include <stdint.h>

typedef uint32_t page_entry;
