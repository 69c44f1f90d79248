// Switch by the CPU: each task has a task state segment and a descriptor for it in the GDT.
#pragma once
#include "arch/gdt.h"
#include "switch/switch.h"

struct task_context {
    struct task_state *state;
    uint16_t selector;
};
