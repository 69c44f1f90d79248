// What each task did, as it counts itself: the independent truth that a monitor's findings are compared with. The
// records are memory that all tasks share. A record begins with the counters that traps.S increments.
#pragma once
#include "mach/traps.h"

struct truth {
    /** System calls by their number. */
    uint32_t calls[TRAP_LIMIT];
    /** Messages sent and received, those to and from the kernel included. */
    uint32_t sent, received;
    /** Threads started. */
    uint32_t threads;
    const char *name;
};

enum { BOOTSTRAP = 0, MAX_TASKS = 24 };

/** Records by the number that the bootstrap task gives to a task. */
extern struct truth truths[MAX_TASKS];

/** The record of the task that runs. Each task has its own copy of this pointer. */
extern struct truth *own_truth;

/** How many records are in use, the bootstrap task's own included. */
extern int task_count;

/** Adds one, whatever the task's other threads do meanwhile. */
static inline void count(uint32_t *counter) { __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED); }

/** Prints all records in one call of the kernel. `calls_to_come`: how often the caller will call `mach_msg` after it. */
void truth_print(int calls_to_come);
