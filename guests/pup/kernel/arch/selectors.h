// Segment selectors: indices into the GDT. SYSENTER and SYSEXIT demand this order of the first four
// (kernel code, kernel data, user code, user data: Intel SDM vol. 2, SYSENTER/SYSEXIT). Used from assembly too.
#pragma once

#define KERNEL_CODE 0x08
#define KERNEL_DATA 0x10
#define USER_CODE 0x1b
#define USER_DATA 0x23
#define TASK_STATE 0x28  // the boot TSS; the only one unless the CPU switches tasks
#define PER_CPU 0x30     // segment whose base is struct per_cpu
#define CALL_GATE 0x3b   // the system-call gate of that variant
#define FREE_GATE 0x40   // left empty
#define FIRST_TASK 0x48  // TSS descriptors of the hardware switch
#define GDT_ENTRIES 256
