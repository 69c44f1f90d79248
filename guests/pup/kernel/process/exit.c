// The end of threads and processes. A process ends with its last thread; what remains is a zombie until its parent asks.
#include "process/exit.h"
#include "abi/errors.h"
#include "console/console.h"
#include "current.h"
#include "files/file.h"
#include "paging/paging.h"
#include "process/init.h"
#include "sched/schedule.h"
#include "truth/truth.h"

static void give_children_to_init(struct process *parent) {
    for (struct process *process = all_processes; process; process = process->next)
        if (process->parent == parent) process->parent = init_process;
    wake_all(&init_process->child_ended);
}

static void end_process(struct process *process) {
    if (process == init_process) panic("init ended with status %d", process->exit_status);
    for (int i = 0; i < FILES_PER_PROCESS; i++)
        if (process->files[i]) file_release(process->files[i]);
    truth_exited(process);
    // The page tables cannot be freed while CR3 points to them.
    context_set_root(current_task(), kernel_root);
    space_destroy(&process->space);
    give_children_to_init(process);
    process->zombie = true;
    wake_all(&process->parent->child_ended);
}

// The stack that this runs on is freed later, by another task.
void exit_thread(void) {
    struct task *task = current_task();
    struct process *process = task_process(task);
    struct task **link = &process->tasks;
    while (*link != task) link = &(*link)->process_next;
    *link = task->process_next;
    task->process_next = process->ended_tasks;
    process->ended_tasks = task;
    task->status = TASK_ENDED;
    if (--process->threads == 0) end_process(process);
    schedule();
    panic("an ended task runs");
}

static void mark_killed(struct process *process, int status) {
    if (process->killed) return;
    process->killed = true;
    process->exit_status = status;
    for (struct task *task = process->tasks; task; task = task->process_next) wake_task(task);
}

void exit_process(int status) {
    mark_killed(task_process(current_task()), status);
    exit_thread();
}

int kill_process(int pid) {
    struct process *process = process_find(pid);
    if (!process) return -ESRCH;
    if (process == init_process) return -EPERM;
    mark_killed(process, EXIT_KILLED);
    return 0;
}

void kill_job(int job) {
    for (struct process *process = all_processes; process; process = process->next)
        if (process->job == job && !process->zombie && process != init_process) mark_killed(process, EXIT_KILLED);
}
