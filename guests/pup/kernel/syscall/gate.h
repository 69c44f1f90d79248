// The variation point "syscall": the gate by which programs enter the kernel and how arguments travel. Each value's
// folder has gate.c; the programs' side is in ../../programs/gates.
#pragma once
#include <stdint.h>

void syscall_gate_init(void);
// Told at each switch where the kernel stack of the new task begins, for gates that do not take it from the TSS.
void syscall_gate_set_stack(uint32_t stack_top);
