// A lock that sleeps: for the console, where one program's line should not end up inside another's.
#pragma once
#include "sched/wait_queue.h"

struct mutex {
    struct task *owner;
    struct wait_queue waiting;
};

int mutex_lock(struct mutex *mutex); // 0, or -EINTR if the process is being killed
void mutex_unlock(struct mutex *mutex);
