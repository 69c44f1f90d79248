// The counters of processes that are gone.
#pragma once

struct process;

void ended_add(const struct process *process);
void ended_print(void);
