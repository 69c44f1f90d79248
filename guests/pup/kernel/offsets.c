// Where the fields of structures are, for the map that the build writes (../symbols.ts). Not linked into the kernel.
#include <stddef.h>
#include "process/task.h"

#define OFFSET(name, structure, field) asm volatile("@offset " name " %c0" ::"i"(offsetof(structure, field)))
#define SIZE(name, structure) asm volatile("@offset " name ".size %c0" ::"i"(sizeof(structure)))

void offsets(void) {
    SIZE("task", struct task);
    OFFSET("task.context", struct task, context);
    OFFSET("task.process", struct task, owner);
    OFFSET("task.tid", struct task, tid);
    OFFSET("task.status", struct task, status);
    OFFSET("task.stack", struct task, stack);
    OFFSET("task.queue_next", struct task, queue_next);
    OFFSET("task.process_next", struct task, process_next);
    SIZE("process", struct process);
    OFFSET("process.pid", struct process, pid);
    OFFSET("process.parent", struct process, parent);
    OFFSET("process.name", struct process, name);
    OFFSET("process.cr3", struct process, space.root);
    OFFSET("process.tasks", struct process, tasks);
    OFFSET("process.next", struct process, next);
    OFFSET("process.previous", struct process, previous);
    OFFSET("process.zombie", struct process, zombie);
    OFFSET("process.exit_status", struct process, exit_status);
}
