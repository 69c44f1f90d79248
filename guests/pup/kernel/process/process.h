// A process: an address space with its name, files and family. Tasks run in it (process/task.h).
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "abi/structures.h"
#include "files/file.h"
#include "memory/space.h"
#include "process_name.h"
#include "sched/wait_queue.h"
#include "truth/process_truth.h"

struct process {
    int pid;
    struct process *parent;
    struct process_name name;
    struct address_space space;
    struct file *files[FILES_PER_PROCESS];
    int job;         // the shell gives all processes of a pipeline one number; the console looks at it
    bool killed;     // dies as soon as it would return to user mode
    bool zombie;     // has ended, its parent does not know yet
    int exit_status;
    int threads;     // tasks that still run in it
    struct task *tasks, *ended_tasks;
    struct wait_queue child_ended;
    struct process *next, *previous; // the list of all processes
    bool hidden;     // only a rootkit sets this
    struct process_truth truth;
};

extern struct process *all_processes;

// Creates the list entry and the id. Returns 0 or a negated error.
int process_register(struct process *process, struct process *parent, const char *name);
void process_unregister(struct process *process);
// The process with that id that has not ended yet, or null.
struct process *process_find(int pid);
