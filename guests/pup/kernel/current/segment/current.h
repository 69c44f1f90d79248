// The current task, found through a segment: GS has the base of a per-CPU structure, as in kernels for many CPUs.
#pragma once
#include "arch/selectors.h"
#include "process/task.h"

enum { CURRENT_SEGMENT = PER_CPU }; // GS while the kernel runs

struct per_cpu {
    uint32_t number;
    struct task *current;
};

extern struct per_cpu boot_cpu;
void current_init(void);

static inline struct task *current_task(void) {
    struct task *task;
    asm volatile("movl %%gs:%c1, %0" : "=r"(task) : "i"(__builtin_offsetof(struct per_cpu, current)));
    return task;
}

static inline void current_bind(struct task *task) { (void)task; }
static inline void current_set(struct task *task) {
    asm volatile("movl %0, %%gs:%c1" ::"r"(task), "i"(__builtin_offsetof(struct per_cpu, current)) : "memory");
}
