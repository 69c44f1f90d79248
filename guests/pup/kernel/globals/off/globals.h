// No global pages: each CR3 write drops the kernel's translations too.
#pragma once

#define KERNEL_PAGE_GLOBAL 0

static inline void globals_enable(void) {}
