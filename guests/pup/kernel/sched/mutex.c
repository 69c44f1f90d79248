// A lock that sleeps.
#include "sched/mutex.h"
#include "current.h"

int mutex_lock(struct mutex *mutex) {
    while (mutex->owner) {
        int error = wait_in(&mutex->waiting);
        if (error) return error;
    }
    mutex->owner = current_task();
    return 0;
}

void mutex_unlock(struct mutex *mutex) {
    mutex->owner = 0;
    wake_one(&mutex->waiting);
}
