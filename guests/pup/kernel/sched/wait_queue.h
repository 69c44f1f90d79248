// Queues of tasks that wait for something.
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct task;

struct wait_queue {
    struct task *first, *last;
};

void queue_add(struct wait_queue *queue, struct task *task);
// Removes the first; null if empty.
struct task *queue_take(struct wait_queue *queue);
void queue_remove(struct wait_queue *queue, struct task *task);

// Blocks the current task until it is woken. Returns 0, or -EINTR if its process is being killed.
int wait_in(struct wait_queue *queue);
void wake_one(struct wait_queue *queue);
void wake_all(struct wait_queue *queue);
// Takes a task out of whatever it waits for.
void wake_task(struct task *task);
