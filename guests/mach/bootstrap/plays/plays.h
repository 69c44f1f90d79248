// The plays: what the tasks do together. Each makes its tasks, waits for them, says whether they found what they had to,
// and ends them.
#pragma once
#include "mach/types.h"

/** Threads of several tasks ask the threads of one server, all waiting at one port. */
void play_squares(void);

/** A message goes round through a ring of tasks. */
void play_ring(void);

/** A task sends memory without copying it, then writes to its own copy. */
void play_memory(void);

/** Two tasks compute without calling anybody: only the clock takes the CPU from them. */
void play_primes(void);

/** A task writes where there is no memory. */
void play_crash(void);

/** Says what the tasks of a play found; if it is not what was expected, the program is wrong. */
void result(const char *of, uint32_t found, uint32_t expected);
