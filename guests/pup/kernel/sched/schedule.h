// Giving the CPU to tasks. The kernel itself is never preempted: only a task that waits, yields or is about to return
// to user mode gives the CPU away.
#pragma once
#include <stdbool.h>

struct task;

extern bool reschedule_wanted;
extern struct task *idle_task;

void make_ready(struct task *task);
// Gives the CPU to the next task. The current one comes back only if it is in a queue.
void schedule(void);
// Lets others run, then goes on.
void yield(void);
// Turns the boot flow into the idle task.
void scheduler_init(void);
_Noreturn void idle(void);
