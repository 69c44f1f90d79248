// The instructions that C has no words for: control registers, flags, HLT (Intel SDM vol. 3, chapter 2).
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { EFLAGS_INTERRUPT = 1 << 9, EFLAGS_RESERVED = 1 << 1 };

static inline uint32_t read_cr2(void) {
    uint32_t value;
    asm volatile("mov %%cr2, %0" : "=r"(value));
    return value;
}

static inline uint32_t read_cr3(void) {
    uint32_t value;
    asm volatile("mov %%cr3, %0" : "=r"(value));
    return value;
}

static inline uint32_t read_cr4(void) {
    uint32_t value;
    asm volatile("mov %%cr4, %0" : "=r"(value));
    return value;
}

static inline void write_cr4(uint32_t value) { asm volatile("mov %0, %%cr4" ::"r"(value) : "memory"); }

static inline void write_msr(uint32_t msr, uint32_t low) {
    asm volatile("wrmsr" ::"c"(msr), "a"(low), "d"(0));
}

static inline void invalidate_page(uint32_t address) { asm volatile("invlpg (%0)" ::"r"(address) : "memory"); }

static inline void interrupts_on(void) { asm volatile("sti" ::: "memory"); }
static inline void interrupts_off(void) { asm volatile("cli" ::: "memory"); }

// STI takes effect after the next instruction, so no interrupt can slip in between the two and be slept through.
static inline void wait_for_interrupt(void) { asm volatile("sti; hlt; cli" ::: "memory"); }

// Nothing wakes a CPU that halts with interrupts off: the machine is off.
static inline _Noreturn void stop_machine(void) {
    for (;;) asm volatile("cli; hlt" ::: "memory");
}
