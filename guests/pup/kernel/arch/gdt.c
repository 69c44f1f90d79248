// The global descriptor table: flat segments, so that paging alone protects (Intel SDM vol. 3, 3.4.5).
#include "arch/gdt.h"
#include "arch/selectors.h"

enum { ACCESS_CODE = 0x9a, ACCESS_DATA = 0x92, ACCESS_USER = 0x60, ACCESS_TASK = 0x89 };
enum { FLAGS_PAGES_32 = 0xc, FLAGS_BYTES_32 = 0x4, FLAGS_NONE = 0 };

uint64_t gdt[GDT_ENTRIES] __attribute__((aligned(16)));
struct task_state boot_task_state;

void gdt_set_segment(unsigned selector, uint32_t base, uint32_t limit, uint8_t access, uint8_t flags) {
    uint32_t low = (limit & 0xffff) | base << 16;
    uint32_t high = (base >> 16 & 0xff) | (uint32_t)access << 8 | (limit & 0xf0000) | (uint32_t)flags << 20 |
                    (base & 0xff000000);
    gdt[selector / 8] = (uint64_t)high << 32 | low;
}

void gdt_set_task(unsigned selector, struct task_state *state) {
    gdt_set_segment(selector, (uint32_t)state, sizeof *state - 1, ACCESS_TASK, FLAGS_NONE);
}

void gdt_set_call_gate(unsigned selector, uint32_t offset) {
    // Present, DPL 3, 32-bit call gate, no parameters copied: the kernel fetches them itself.
    uint32_t low = (offset & 0xffff) | KERNEL_CODE << 16;
    uint32_t high = (offset & 0xffff0000) | 0xec00;
    gdt[selector / 8] = (uint64_t)high << 32 | low;
}

void gdt_init(void) {
    gdt_set_segment(KERNEL_CODE, 0, 0xfffff, ACCESS_CODE, FLAGS_PAGES_32);
    gdt_set_segment(KERNEL_DATA, 0, 0xfffff, ACCESS_DATA, FLAGS_PAGES_32);
    gdt_set_segment(USER_CODE, 0, 0xfffff, ACCESS_CODE | ACCESS_USER, FLAGS_PAGES_32);
    gdt_set_segment(USER_DATA, 0, 0xfffff, ACCESS_DATA | ACCESS_USER, FLAGS_PAGES_32);
    boot_task_state.ss0 = KERNEL_DATA;
    boot_task_state.io_map = sizeof boot_task_state;
    gdt_set_task(TASK_STATE, &boot_task_state);

    struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) pointer = {sizeof gdt - 1, (uint32_t)gdt};
    asm volatile("lgdt %0\n"
                 "ljmp %1, $1f\n"
                 "1: mov %2, %%ds\n mov %2, %%es\n mov %2, %%ss\n mov %2, %%fs\n mov %2, %%gs\n"
                 "ltr %3" ::"m"(pointer),
                 "i"(KERNEL_CODE), "r"(KERNEL_DATA), "r"((uint16_t)TASK_STATE)
                 : "memory");
}
