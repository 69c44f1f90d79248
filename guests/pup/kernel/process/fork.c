// Copies of the running process, and threads in it.
#include "process/fork.h"
#include "abi/errors.h"
#include "current.h"
#include "memory/user_memory.h"
#include "process/wait.h"
#include "truth/truth.h"

static void share_files(struct process *child, struct process *parent) {
    for (int i = 0; i < FILES_PER_PROCESS; i++) {
        child->files[i] = parent->files[i];
        if (child->files[i]) child->files[i]->references++;
    }
}

int fork_process(const struct trap_frame *frame) {
    struct process *parent = task_process(current_task());
    struct task *task = task_create(0);
    if (!task) return -ENOMEM;
    struct process *child = task_process(task);
    int error = process_register(child, parent, name_text(&parent->name));
    if (error) goto no_entry;
    error = space_copy(&child->space, &parent->space);
    if (error) goto no_space;
    share_files(child, parent);
    child->job = parent->job;
    task->tid = child->pid;
    truth_forked(parent, child);
    struct trap_frame child_frame = *frame;
    child_frame.eax = 0;
    task_start(task, &child_frame);
    return child->pid;

no_space:
    process_unregister(child);
no_entry:
    task_free(task);
    return error;
}

int create_thread(const struct trap_frame *frame, uint32_t entry, uint32_t stack, uint32_t argument) {
    struct process *process = task_process(current_task());
    free_ended_tasks(process);
    // As if called: a return address that faults, then the argument.
    uint32_t call[] = {0, argument};
    int error = copy_to_user(stack - sizeof call, call, sizeof call);
    if (error) return error;
    struct task *task = task_create(process);
    if (!task) return -ENOSYS;
    static int last_thread;
    task->tid = ++last_thread;
    truth.threads++;
    struct trap_frame start = *frame;
    start.eip = entry;
    start.esp = stack - sizeof call;
    task_start(task, &start);
    return task->tid;
}
