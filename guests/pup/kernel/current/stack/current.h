// The current task, found through the stack: a pointer lies at the bottom of each kernel stack, which is one page,
// so rounding down the stack pointer finds it.
#pragma once
#include "process/task.h"

enum { CURRENT_SEGMENT = 0 }; // GS while the kernel runs: not used

static inline struct task *current_task(void) {
    uint32_t stack_pointer;
    asm("movl %%esp, %0" : "=r"(stack_pointer));
    return *(struct task **)(stack_pointer & -KERNEL_STACK_SIZE);
}

static inline void current_bind(struct task *task) { *(struct task **)task->stack = task; }
// Switching stacks has switched the current task already.
static inline void current_set(struct task *task) { (void)task; }
static inline void current_init(void) {}
