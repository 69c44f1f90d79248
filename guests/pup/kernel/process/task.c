// Creation and destruction of tasks.
#include "process/task.h"
#include "current.h"
#include "memory/frames.h"
#include "memory/heap.h"
#include "paging/paging.h"
#include "sched/schedule.h"

struct task *task_create(struct process *process) {
    struct task *task = heap_allocate(sizeof *task);
    if (!task) return 0;
    uint32_t stack = frame_allocate_zeroed();
    if (!stack) {
        heap_free(task, sizeof *task);
        return 0;
    }
    task->stack = to_virtual(stack);
    task->status = TASK_BLOCKED;
    current_bind(task);
    if (context_create(task)) goto no_context;
    if (owner_attach(task, process)) goto no_owner;
    return task;

no_owner:
    context_destroy(task);
no_context:
    frame_free(stack);
    heap_free(task, sizeof *task);
    return 0;
}

void task_start(struct task *task, const struct trap_frame *frame) {
    *task_frame(task) = *frame;
    context_prepare(task);
    struct process *process = task_process(task);
    task->process_next = process->tasks;
    process->tasks = task;
    process->threads++;
    run_state_init(task);
    make_ready(task);
}

void task_free(struct task *task) {
    context_destroy(task);
    frame_free(to_physical(task->stack));
    owner_detach(task);
    heap_free(task, sizeof *task);
}
