// The current task, found through a global variable that each switch sets.
#pragma once
#include "process/task.h"

enum { CURRENT_SEGMENT = 0 }; // GS while the kernel runs: not used

extern struct task *current_task_pointer;

static inline struct task *current_task(void) { return current_task_pointer; }
static inline void current_bind(struct task *task) { (void)task; }
static inline void current_set(struct task *task) { current_task_pointer = task; }
static inline void current_init(void) {}
