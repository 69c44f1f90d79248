// Thread = process: the task contains its process.
#pragma once
#include "process/process.h"
#include "threads/threads.h"

struct task_owner {
    struct process process;
};

#define task_process(task) (&(task)->owner.process)
