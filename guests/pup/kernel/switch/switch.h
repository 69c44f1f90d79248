// The variation point "switch": how the CPU goes from one task to another. Each value's folder has task_context.h
// (struct task_context) and switch.c.
#pragma once
#include <stdint.h>

struct task;

// Sets up what the switch needs for a task; 0 or a negated error.
int context_create(struct task *task);
void context_destroy(struct task *task);
// Makes a task that has never run continue at trap_return, with the frame on its stack.
void context_prepare(struct task *task);
// Turns the boot flow into the first task.
void context_adopt(struct task *task);
// Gives a task (the current one) another address space, and goes there at once.
void context_set_root(struct task *task, uint32_t root);
// Goes to another task; returns when somebody comes back.
void context_switch(struct task *from, struct task *to);
