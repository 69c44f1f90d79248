// Threads inside processes: the process is an object of its own, freed with the last of its tasks.
#include "abi/errors.h"
#include "memory/heap.h"
#include "process/task.h"

int owner_attach(struct task *task, struct process *process) {
    if (!process) process = heap_allocate(sizeof *process);
    task->owner.process = process;
    return process ? 0 : -ENOMEM;
}

void owner_detach(struct task *task) {
    struct process *process = task->owner.process;
    // The tasks that are left: still running, or ended and not freed yet.
    if (!process->tasks && !process->ended_tasks) heap_free(process, sizeof *process);
}
