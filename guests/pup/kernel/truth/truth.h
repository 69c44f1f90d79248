// The kernel's own exact counters: the independent truth that a monitor outside can be compared with.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "abi/syscalls.h"
#include "arch/trap.h"

struct process;

struct truth {
    uint32_t interrupts[VECTOR_COUNT]; // every entry through the IDT: exceptions, interrupts, INT n
    uint32_t system_calls[SYS_COUNT];  // by number
    uint32_t bad_system_calls;         // with a number that does not exist
    uint32_t forks, threads, execs, exits;
    uint32_t switches;                 // from one task to another, idle included
    uint32_t cr3_writes;               // by MOV and by hardware task switches, from boot on
};

extern struct truth truth;
// True if each fork, exec and exit prints a record when it happens.
extern bool truth_log;

void truth_forked(const struct process *parent, const struct process *child);
void truth_executed(const struct process *process, const char *path);
void truth_exited(const struct process *process);
// Prints all counters as records on the serial line.
void truth_print(void);
