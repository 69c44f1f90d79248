// What GNU Mach's i386 interface is made of: names of ports, codes, rights.
// Source: The GNU Mach Reference Manual, chapters 4, 5 and 7.
#pragma once
#include <stdint.h>

/** A port in the task's own name space. */
typedef uint32_t port_t;

/** 0, or why a call failed. */
typedef int32_t kern_return_t;

enum { PORT_NULL = 0 };

/** The rights that a name can stand for, when a port is allocated. */
enum port_right { RIGHT_RECEIVE = 1 };

/** What becomes of a right that is sent or inserted. */
enum disposition { MOVE_RECEIVE = 16, COPY_SEND = 19, MAKE_SEND = 20, MAKE_SEND_ONCE = 21 };

/** What a new task gets of its maker's memory. */
enum inheritance { INHERIT_SHARE = 0 };

/** A task's port that the kernel tells of its crashes. */
enum special_port { TASK_EXCEPTION_PORT = 3 };

enum { PAGE_SIZE = 4096 };
