// Queues of tasks that wait for something: singly linked, first in first out, so that runs repeat exactly.
#include "sched/wait_queue.h"
#include "abi/errors.h"
#include "current.h"
#include "sched/schedule.h"

void queue_add(struct wait_queue *queue, struct task *task) {
    task->queue_next = 0;
    if (queue->last)
        queue->last->queue_next = task;
    else
        queue->first = task;
    queue->last = task;
}

struct task *queue_take(struct wait_queue *queue) {
    struct task *task = queue->first;
    if (task) queue_remove(queue, task);
    return task;
}

void queue_remove(struct wait_queue *queue, struct task *task) {
    struct task *before = 0;
    for (struct task *at = queue->first; at != task; at = at->queue_next) before = at;
    if (before)
        before->queue_next = task->queue_next;
    else
        queue->first = task->queue_next;
    if (queue->last == task) queue->last = before;
}

int wait_in(struct wait_queue *queue) {
    struct task *task = current_task();
    if (task_process(task)->killed) return -EINTR;
    task->status = TASK_BLOCKED;
    task->waits_in = queue;
    queue_add(queue, task);
    schedule();
    return task_process(task)->killed ? -EINTR : 0;
}

void wake_task(struct task *task) {
    if (!task->waits_in) return;
    queue_remove(task->waits_in, task);
    task->waits_in = 0;
    policy_woken(task);
    make_ready(task);
}

void wake_one(struct wait_queue *queue) {
    if (queue->first) wake_task(queue->first);
}

void wake_all(struct wait_queue *queue) {
    while (queue->first) wake_task(queue->first);
}
