// Services of the kernel that have no system call of their own: they are messages to its ports. All end the program if
// the kernel refuses. Source: The GNU Mach Reference Manual, chapters 5, 7 and 10; numbers from mach/*.defs.
#pragma once
#include "mach/types.h"

/** Gives memory of a task to tasks that are made later, to be shared with them. */
void share_with_children(port_t task, const void *start, uint32_t size, port_t reply);

/** Tells the kernel a task's name, which only its debugger shows. */
void task_set_name(port_t task, const char *name);

/** Where a new thread begins: all registers but these are 0. */
struct beginning {
    uint32_t eip, esp, ebx, esi, edi;
};

/** Makes a thread in a task and lets it run. */
void thread_start(port_t task, struct beginning beginning, port_t reply);

/** Opens a device for writing. `master` is the port that the kernel gives to the first task. */
port_t device_open(port_t master, const char *name, port_t reply);

/** Writes to a device. */
void device_write(port_t device, const char *text, uint32_t size, port_t reply);
