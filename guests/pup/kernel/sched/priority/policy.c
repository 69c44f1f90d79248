// Priorities with feedback: who uses up its slice sinks a level, who waits for something comes back to its own.
// The lowest level is round robin.
#include "abi/errors.h"
#include "process/task.h"
#include "sched/wait_queue.h"

enum { SLICE = 2, DEFAULT_LEVEL = 1 };

struct wait_queue run_queues[LEVELS];

void run_state_init(struct task *task) { task->run = (struct run_state){DEFAULT_LEVEL, DEFAULT_LEVEL, SLICE}; }
void policy_add(struct task *task) { queue_add(&run_queues[task->run.level], task); }

struct task *policy_take(void) {
    for (int level = 0; level < LEVELS; level++)
        if (run_queues[level].first) return queue_take(&run_queues[level]);
    return 0;
}

void policy_woken(struct task *task) {
    task->run.level = task->run.base_level;
    task->run.slice = SLICE;
}

bool policy_tick(struct task *task) {
    if (--task->run.slice > 0) return false;
    task->run.slice = SLICE;
    if (task->run.level < LEVELS - 1) task->run.level++;
    for (int level = 0; level <= task->run.level; level++)
        if (run_queues[level].first) return true;
    return false;
}

int policy_set_level(struct task *task, int level) {
    if (level < 0 || level >= LEVELS) return -EINVAL;
    task->run.base_level = level;
    // A task in a queue must stay in the one that its level says.
    if (task->status != TASK_READY) task->run.level = level;
    return 0;
}
