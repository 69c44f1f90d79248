// The global descriptor table and the task state segment (Intel SDM vol. 3, 3.5 and 8.2).
#pragma once
#include <stdint.h>

struct task_state {
    uint32_t link, esp0, ss0, esp1, ss1, esp2, ss2;
    uint32_t cr3, eip, eflags, eax, ecx, edx, ebx, esp, ebp, esi, edi;
    uint32_t es, cs, ss, ds, fs, gs, ldt;
    uint16_t trap, io_map;
};
_Static_assert(sizeof(struct task_state) == 104, "the CPU fixes this layout");

extern uint64_t gdt[];
// The TSS in use while the kernel boots. With the software switch it stays in use for good.
extern struct task_state boot_task_state;

void gdt_init(void);
void gdt_set_segment(unsigned selector, uint32_t base, uint32_t limit, uint8_t access, uint8_t flags);
void gdt_set_task(unsigned selector, struct task_state *state);
void gdt_set_call_gate(unsigned selector, uint32_t offset);
