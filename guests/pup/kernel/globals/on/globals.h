// Global pages: kernel translations survive a CR3 write (Intel SDM vol. 3, 4.10.2.4).
#pragma once
#include "arch/cpu.h"

#define KERNEL_PAGE_GLOBAL PAGE_GLOBAL

// After paging_init has loaded the tables: the SDM wants CR4.PGE set with paging on already.
static inline void globals_enable(void) { write_cr4(read_cr4() | 1 << 7); }
