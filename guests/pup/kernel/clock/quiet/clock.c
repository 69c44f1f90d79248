// The clock of the quiet variant: no timer, no interrupt. When nobody can run, time jumps to the next sleeper.
#include "clock/clock.h"
#include "console/console.h"

const bool clock_is_quiet = true;
void (*timer_hook)(void);

void clock_init(void) {}

void clock_idle(void) {
    uint32_t tick;
    if (!next_wake(&tick)) panic("every task waits, and no interrupt will ever come");
    ticks = tick;
    if (timer_hook) timer_hook();
    wake_sleepers();
}
