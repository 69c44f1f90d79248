// Switch in software: all that is kept of a task at rest is its stack pointer.
#pragma once
#include "switch/switch.h"

struct task_context {
    uint32_t stack_pointer;
};
