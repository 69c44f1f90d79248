// The list of all processes.
#include "process/process.h"
#include "abi/errors.h"
#include "ids/ids.h"

struct process *all_processes;

int process_register(struct process *process, struct process *parent, const char *name) {
    int error = name_set(&process->name, name);
    if (error) return error;
    process->pid = id_allocate(process);
    if (!process->pid) {
        name_free(&process->name);
        return -EAGAIN;
    }
    process->parent = parent;
    process->next = all_processes;
    if (all_processes) all_processes->previous = process;
    all_processes = process;
    return 0;
}

void process_unregister(struct process *process) {
    if (process->previous)
        process->previous->next = process->next;
    else if (all_processes == process)
        all_processes = process->next;
    if (process->next) process->next->previous = process->previous;
    process->next = process->previous = 0;
    id_release(process->pid);
    name_free(&process->name);
}

struct process *process_find(int pid) {
    struct process *process = id_lookup(pid);
    return process && !process->zombie ? process : 0;
}
