// /dev/hang: ways to hang a kernel, one per operation, of the kinds that fault-injection studies of hangs use. Full hangs
// stop everything; partial ones only those who need what was lost.
#include "abi/errors.h"
#include "abi/structures.h"
#include "arch/cpu.h"
#include "arch/pic.h"
#include "clock/clock.h"
#include "current.h"
#include "files/file.h"
#include "sched/mutex.h"
#include "sched/schedule.h"

extern struct mutex console_lock;

// A lock that spins: right for short waits between CPUs, deadly on one CPU when taken twice.
static volatile int spin_lock;

static void spin(void) {
    while (spin_lock) continue;
    spin_lock = 1;
}

// Full: loops in the kernel. Timer interrupts still come, but the kernel is never preempted.
static void loop_with_interrupts(void) {
    interrupts_on();
    for (;;) continue;
}

// Full: not even interrupts.
static void loop_without_interrupts(void) {
    interrupts_off();
    for (;;) continue;
}

// Full: waits for a lock that it holds itself.
static void double_lock(void) {
    interrupts_on();
    spin();
    spin();
}

// Partial: takes the console and forgets to give it back. Whoever prints next waits for ever.
static void lost_unlock(void) { mutex_lock(&console_lock); }

// Partial: goes to sleep without being in any queue, as after a wake-up that came too early. Not even kill reaches it.
static void lost_wakeup(void) {
    current_task()->status = TASK_BLOCKED;
    schedule();
}

// Full: a queue becomes a ring, and the search for its end never ends.
static void corrupt_list(void) {
    static struct wait_queue broken;
    struct task *task = current_task();
    broken.first = broken.last = task;
    task->queue_next = task;
    queue_remove(&broken, idle_task);
}

// Full as soon as some program computes: nothing takes the CPU from it any more.
static void timer_off(void) { pic_mask(0); }

// Full: the kernel is busy handing the CPU to itself. Two conditions each wait for the other to be polite.
static void livelock(void) {
    volatile int mine = 1, theirs = 1;
    interrupts_on();
    while (mine || theirs) {
        if (theirs) mine = 0;
        if (!mine) mine = theirs;
    }
}

// Full: the interrupt handler raises its own interrupt again before it returns, for ever.
static void storm(void) {
    interrupts_on();
    for (;;) asm volatile("int $32");
}

static void (*const kinds[HANG_COUNT])(void) = {
    [HANG_LOOP_ON] = loop_with_interrupts, [HANG_LOOP_OFF] = loop_without_interrupts,
    [HANG_DOUBLE_LOCK] = double_lock,      [HANG_LOST_UNLOCK] = lost_unlock,
    [HANG_LOST_WAKEUP] = lost_wakeup,      [HANG_CORRUPT_LIST] = corrupt_list,
    [HANG_TIMER_OFF] = timer_off,          [HANG_LIVELOCK] = livelock,
    [HANG_STORM] = storm,
};

static int control(struct file *file, uint32_t kind, uint32_t argument) {
    (void)file, (void)argument;
    if (kind >= HANG_COUNT) return -EINVAL;
    kinds[kind]();
    return 0;
}

const struct file_operations hang_operations = {.control = control};
