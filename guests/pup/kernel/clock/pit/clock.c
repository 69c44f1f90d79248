// The clock: Intel 8254 programmable interval timer, channel 0, mode 2.
#include "clock/clock.h"
#include "abi/structures.h"
#include "arch/cpu.h"
#include "arch/pic.h"
#include "arch/ports.h"
#include "current.h"
#include "sched/schedule.h"

enum { OSCILLATOR_HZ = 1193182, CHANNEL_0 = 0x40, COMMAND = 0x43, RATE_GENERATOR = 0x34, TIMER_IRQ = 0 };

const bool clock_is_quiet = false;
void (*timer_hook)(void);

static void timer_interrupt(void) {
    ticks++;
    wake_sleepers();
    if (timer_hook) timer_hook();
    struct task *task = current_task();
    task_process(task)->truth.ticks++;
    // Someone woke up while nothing ran: idle looks for itself. It is never preempted.
    if (task != idle_task && policy_tick(task)) reschedule_wanted = true;
}

void clock_init(void) {
    uint32_t divisor = OSCILLATOR_HZ / TICKS_PER_SECOND;
    port_write(COMMAND, RATE_GENERATOR);
    port_write(CHANNEL_0, divisor & 0xff);
    port_write(CHANNEL_0, divisor >> 8);
    pic_handle(TIMER_IRQ, timer_interrupt);
}

void clock_idle(void) { wait_for_interrupt(); }
