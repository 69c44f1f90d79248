// Tasks that sleep until a tick.
#include "clock/clock.h"
#include "current.h"
#include "sched/wait_queue.h"

volatile uint32_t ticks;
static struct wait_queue sleepers;

int clock_sleep(uint32_t for_ticks) {
    current_task()->wake_tick = ticks + for_ticks;
    return wait_in(&sleepers);
}

// Signed difference, so that the counter may wrap.
static bool is_due(const struct task *task) { return (int32_t)(ticks - task->wake_tick) >= 0; }

void wake_sleepers(void) {
    for (struct task *task = sleepers.first, *next; task; task = next) {
        next = task->queue_next;
        if (is_due(task)) wake_task(task);
    }
}

bool next_wake(uint32_t *tick) {
    if (!sleepers.first) return false;
    *tick = sleepers.first->wake_tick;
    for (struct task *task = sleepers.first; task; task = task->queue_next)
        if ((int32_t)(task->wake_tick - *tick) < 0) *tick = task->wake_tick;
    return true;
}
