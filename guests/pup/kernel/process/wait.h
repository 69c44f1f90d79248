// Learning about the end of children.
#pragma once
#include <stdint.h>

struct process;

// Waits until a child ends. Returns its id, its exit status goes to `status`; or a negated error.
int wait_for_child(int *status);
void free_ended_tasks(struct process *process);
