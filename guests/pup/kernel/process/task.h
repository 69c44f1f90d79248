// A task: a flow of control with its own kernel stack, what the scheduler handles. It runs in a process; whether a
// process *is* a task or *has* tasks is the variation point threads/.
#pragma once
#include <stdint.h>
#include "arch/trap.h"
#include "run_state.h"
#include "task_context.h"
#include "task_owner.h"

enum task_status { TASK_READY, TASK_BLOCKED, TASK_ENDED };

struct task {
    struct task_context context; // what the switch saves (switch/)
    struct task_owner owner;     // the process (threads/)
    int tid;
    enum task_status status;
    char *stack;                 // one page
    struct task *queue_next;     // in the run queue or a wait queue
    struct wait_queue *waits_in;
    uint32_t wake_tick;          // when sleeping: until when
    struct run_state run;        // what the scheduling policy remembers (sched/)
    struct task *process_next;   // the tasks of one process
};

enum { KERNEL_STACK_SIZE = 4096 };

static inline char *task_stack_top(struct task *task) { return task->stack + KERNEL_STACK_SIZE; }

// The frame by which a task entered the kernel from user mode lies at the very top of its stack.
static inline struct trap_frame *task_frame(struct task *task) {
    return (struct trap_frame *)(task_stack_top(task)) - 1;
}

// A blocked task with a stack, in a process of its own or as a thread of `process`. Null if out of memory.
struct task *task_create(struct process *process);
// Takes a fresh task's frame as its first way out of the kernel, and lets it run.
void task_start(struct task *task, const struct trap_frame *frame);
void task_free(struct task *task);
