// Learning about the end of children, which frees what is left of them.
#include "process/wait.h"
#include "abi/errors.h"
#include "current.h"

void free_ended_tasks(struct process *process) {
    struct task *task = process->ended_tasks;
    while (task) {
        struct task *next = task->process_next;
        process->ended_tasks = next;
        task_free(task); // the process may go with its last task: not touched after this
        task = next;
    }
}

// A zombie child if there is one; else `any` tells whether there are children at all.
static struct process *find_zombie(struct process *parent, bool *any) {
    *any = false;
    for (struct process *process = all_processes; process; process = process->next) {
        if (process->parent != parent) continue;
        *any = true;
        if (process->zombie) return process;
    }
    return 0;
}

int wait_for_child(int *status) {
    struct process *parent = task_process(current_task());
    for (;;) {
        bool any;
        struct process *child = find_zombie(parent, &any);
        if (child) {
            int pid = child->pid;
            *status = child->exit_status;
            process_unregister(child);
            free_ended_tasks(child);
            return pid;
        }
        if (!any) return -ECHILD;
        int error = wait_in(&parent->child_ended);
        if (error) return error;
    }
}
