// The variation point "sched": who runs next. Each value's folder has run_state.h (struct run_state) and policy.c.
#pragma once
#include <stdbool.h>

struct task;

void run_state_init(struct task *task);
void policy_add(struct task *task);
struct task *policy_take(void); // null if no task is ready
// A timer tick has passed while `task` ran. True if it should make place for another.
bool policy_tick(struct task *task);
// `task` has waited for something and got it.
void policy_woken(struct task *task);
// Sets the level of a task; 0 or -ENOSYS.
int policy_set_level(struct task *task, int level);
