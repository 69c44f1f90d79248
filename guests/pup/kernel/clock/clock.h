// The variation point "clock". `pit`: a timer interrupt 100 times a second. `quiet`: no interrupts at all, time moves
// only when nobody can run, so that a run depends on nothing but the instructions executed.
#pragma once
#include <stdbool.h>
#include <stdint.h>

extern volatile uint32_t ticks;
// Called at each tick if set: the hook that an exploit aims at.
extern void (*timer_hook)(void);

// True in the variant that takes no interrupts: it has no console input either.
extern const bool clock_is_quiet;

void clock_init(void);
// What to do while no task is ready.
void clock_idle(void);
// Lets the current task sleep. Returns 0 or -EINTR.
int clock_sleep(uint32_t for_ticks);
// For clock_idle and the timer interrupt:
void wake_sleepers(void);
// The tick at which the next sleeper wants to wake; false if nobody sleeps.
bool next_wake(uint32_t *tick);
