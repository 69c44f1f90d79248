// Priorities: the level a task is at, the one it goes back to, and what is left of its time slice.
#pragma once
#include "sched/policy.h"

enum { LEVELS = 4 };

struct run_state {
    int level, base_level; // 0 is served first
    int slice;             // ticks
};
