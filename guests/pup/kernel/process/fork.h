// Copies of the running process, and threads in it.
#pragma once
#include "arch/trap.h"

// Returns the child's id (the child itself finds 0) or a negated error.
int fork_process(const struct trap_frame *frame);
// A thread of the running process that starts at `entry` with `argument` on its stack. Returns its id or a negated error.
int create_thread(const struct trap_frame *frame, uint32_t entry, uint32_t stack, uint32_t argument);
