// The per-CPU structure and its segment.
#include "current.h"
#include "arch/gdt.h"
#include "arch/selectors.h"

struct per_cpu boot_cpu;

void current_init(void) {
    gdt_set_segment(PER_CPU, (uint32_t)&boot_cpu, sizeof boot_cpu - 1, 0x92, 0x4);
    asm volatile("mov %0, %%gs" ::"r"(PER_CPU));
}
