// /dev/hang: ways to hang Linux, one per request. Full hangs stop everything; partial ones only those who need what was lost.
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/module.h>
#include "drivers.h"
#include "requests.h"

static DEFINE_MUTEX(shared);
static DEFINE_SPINLOCK(spin);

// Full: timer interrupts still come, but a kernel of this kind of preemption never leaves a loop of its own.
static void loop_with_interrupts(void) {
    for (;;) cpu_relax();
}

// Full: not even interrupts.
static void loop_without_interrupts(void) {
    local_irq_disable();
    for (;;) cpu_relax();
}

// Full: waits for a lock that it holds itself.
static void double_lock(void) {
    spin_lock(&spin);
    spin_lock(&spin);
}

// Partial: takes a lock and forgets it. Who asks a second time waits for ever.
static void lost_unlock(void) { mutex_lock(&shared); }

// Partial: sleeps without being in any queue, as after a wake-up that came too early. Not even kill reaches it.
static void lost_wakeup(void) {
    set_current_state(TASK_UNINTERRUPTIBLE);
    schedule();
}

static void (*const kinds[HANG_END])(void) = {
    [HANG_LOOP_ON] = loop_with_interrupts, [HANG_LOOP_OFF] = loop_without_interrupts, [HANG_DOUBLE_LOCK] = double_lock,
    [HANG_LOST_UNLOCK] = lost_unlock,      [HANG_LOST_WAKEUP] = lost_wakeup,
};

static long control(struct file *file, unsigned kind, unsigned long argument) {
    if (kind < HANG_FIRST || kind >= HANG_END) return -EINVAL;
    kinds[kind]();
    return 0;
}

const struct file_operations hang_operations = {.owner = THIS_MODULE, .unlocked_ioctl = control};
