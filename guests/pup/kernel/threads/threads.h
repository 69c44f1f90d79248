// The variation point "threads": how a task is tied to its process. Each value's folder has task_owner.h
// (struct task_owner, task_process) and owner.c.
#pragma once

struct task;
struct process;

// Ties a new task to `process`, or to a new one if that is null. Returns 0 or a negated error.
int owner_attach(struct task *task, struct process *process);
// Unties it; the process goes with its last task.
void owner_detach(struct task *task);
