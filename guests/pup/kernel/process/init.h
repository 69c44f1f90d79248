// The first process: parent of orphans.
#pragma once

struct process;

extern struct process *init_process;
void init_start(void);
