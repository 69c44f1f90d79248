// Tasks and threads, as the bootstrap task makes, equips and ends them.
#pragma once
#include "mach/types.h"

/** Names of ports in every child; what a name stands for depends on the play. */
enum child_port { TO_BOOTSTRAP = 0x20, WORK = 0x21, NEXT = 0x22 };

/** Messages between tasks. */
enum message_id {
    /** Item 0: what the thread found. The answer never comes: the bootstrap task ends the task. */
    FINISHED = 100,
    /** Asks a server for the square of item 0. */
    SQUARE = 101,
    /** Tells a server's thread to finish. */
    STOP = 102,
    /** Goes round; item 0 counts the hands that it went through. */
    TOKEN = 103,
    /** Asks for the sum of the words of its memory. */
    SUM = 104,
    /** From the kernel: a thread of a child crashed. Items: thread, task, exception, code, subcode. */
    EXCEPTION = 2400,
};

struct task {
    /** The bootstrap task's name for the task's port. */
    port_t port;
    /** Its number, which counts tasks in the order that they were made. */
    int id;
};

/** What a thread of a child does. It ends with `finish`. */
typedef void (*role_t)(uint32_t argument);

/** Prepares for children. */
void crew_begin(port_t reply);

/** Makes a task that has a copy of the bootstrap task's memory and no threads. */
struct task task_make(const char *name);

/** Gives a right of the bootstrap task to a child, under a name of the child's. */
void task_give(struct task task, enum child_port name, port_t right, enum disposition disposition);

/** Starts a thread in a child. */
void thread_make(struct task task, role_t role, uint32_t argument);

/** Ends a task with all its threads. */
void task_end(struct task task);

/** A port of the bootstrap task's own. */
port_t port_make(void);

/** Waits until `threads` threads of children have finished; the sum of what they found. */
uint32_t finished(int threads);

/** Waits for the crash of a child's thread, and says it. */
void crashed(struct task task);

/** A child's last call: says what its thread found. */
void finish(uint32_t found) __attribute__((noreturn));
