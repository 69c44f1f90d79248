// Round robin: what is left of the time slice.
#pragma once
#include "sched/policy.h"

struct run_state {
    int slice; // ticks
};
