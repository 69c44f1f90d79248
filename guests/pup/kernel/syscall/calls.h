// System calls that have a file of their own. Arguments as programs pass them: see ../../programs/lib/pup.h.
#pragma once
#include "arch/trap.h"

int call_open(struct trap_frame *frame, const uint32_t *arguments);
int call_close(struct trap_frame *frame, const uint32_t *arguments);
int call_read(struct trap_frame *frame, const uint32_t *arguments);
int call_write(struct trap_frame *frame, const uint32_t *arguments);
int call_pipe(struct trap_frame *frame, const uint32_t *arguments);
int call_dup(struct trap_frame *frame, const uint32_t *arguments);
int call_control(struct trap_frame *frame, const uint32_t *arguments);
int call_ps(struct trap_frame *frame, const uint32_t *arguments);
