// Round robin: one queue, and the same time slice for everybody.
#include "abi/errors.h"
#include "process/task.h"
#include "sched/wait_queue.h"

enum { SLICE = 2 };

struct wait_queue run_queue;

void run_state_init(struct task *task) { task->run.slice = SLICE; }
void policy_add(struct task *task) { queue_add(&run_queue, task); }
struct task *policy_take(void) { return queue_take(&run_queue); }
void policy_woken(struct task *task) { task->run.slice = SLICE; }

bool policy_tick(struct task *task) {
    if (--task->run.slice > 0) return false;
    task->run.slice = SLICE;
    return run_queue.first;
}

int policy_set_level(struct task *task, int level) {
    (void)task, (void)level;
    return -ENOSYS;
}
