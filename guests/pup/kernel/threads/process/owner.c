// Thread = process: there is nothing to allocate, and nothing to share.
#include "abi/errors.h"
#include "process/task.h"

int owner_attach(struct task *task, struct process *process) {
    (void)task;
    return process ? -ENOSYS : 0;
}

void owner_detach(struct task *task) { (void)task; }
