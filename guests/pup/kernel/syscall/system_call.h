// System calls, seen independently of the gate by which they come.
#pragma once
#include <stdint.h>
#include "abi/syscalls.h"
#include "arch/trap.h"

enum { ARGUMENT_COUNT = 3 };

typedef int (*system_call)(struct trap_frame *frame, const uint32_t *arguments);
// Indexed by number. Writable, as it is in kernels that patch themselves: an exploit aims at it.
extern system_call system_calls[SYS_COUNT];

// Counts and performs a call. The result is to go to EAX.
int do_system_call(struct trap_frame *frame, uint32_t number, const uint32_t *arguments);
