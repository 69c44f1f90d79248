// Running another program in the same process.
#pragma once
#include "arch/trap.h"

// `path` and `arguments` (a null-terminated array of strings) are user addresses. On success the frame leads
// into the new program. Returns 0 or a negated error, and then the old program goes on.
int exec_program(struct trap_frame *frame, uint32_t path, uint32_t arguments);
struct task;
// The same for a task that has never run, with strings of the kernel.
int exec_first(struct task *task, struct trap_frame *frame, const char *path, const char *argument);
