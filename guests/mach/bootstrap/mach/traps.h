// GNU Mach's system calls, each through the call gate. Every one is counted before it is made. Source: The GNU Mach
// Reference Manual; the numbers are those of mach/syscall_sw.h, which writes them as negative.
#pragma once

#define TRAP_MACH_MSG 25
#define TRAP_REPLY_PORT 26
#define TRAP_TASK_SELF 28
#define TRAP_VM_ALLOCATE 65
#define TRAP_VM_DEALLOCATE 66
#define TRAP_TASK_CREATE 68
#define TRAP_TASK_TERMINATE 69
#define TRAP_SET_SPECIAL_PORT 71
#define TRAP_PORT_ALLOCATE 72
#define TRAP_INSERT_RIGHT 74
/** One more than the highest number. */
#define TRAP_LIMIT 75

#ifndef __ASSEMBLER__
#include "mach/types.h"

struct header;

/** Sends, receives, or does both; `timeout` and `notify` are not used here. */
kern_return_t mach_msg(struct header *message, uint32_t options, uint32_t send_size, uint32_t receive_size,
                       port_t receive_from, uint32_t timeout, port_t notify);
port_t mach_reply_port(void);
port_t mach_task_self(void);
kern_return_t vm_allocate(port_t task, uint32_t *address, uint32_t size, int anywhere);
kern_return_t vm_deallocate(port_t task, uint32_t address, uint32_t size);
kern_return_t task_create(port_t parent, int inherit_memory, port_t *child);
kern_return_t task_terminate(port_t task);
kern_return_t task_set_special_port(port_t task, enum special_port which, port_t port);
kern_return_t mach_port_allocate(port_t task, enum port_right right, port_t *name);
kern_return_t mach_port_insert_right(port_t task, port_t name, port_t right, enum disposition disposition);
#endif
