// Threads inside processes: each task points to its process, several may point to the same.
#pragma once
#include "process/process.h"
#include "threads/threads.h"

struct task_owner {
    struct process *process;
};

#define task_process(task) ((task)->owner.process)
