// Structures and constants that cross the system-call boundary.
#pragma once
#include <stdint.h>

enum { NAME_LENGTH = 16, FILES_PER_PROCESS = 16, TICKS_PER_SECOND = 100 };

// One process as SYS_PS reports it.
struct process_info {
    int32_t pid;
    int32_t parent;
    int32_t threads;
    uint32_t state;       // a letter: R ready or running, S sleeping (blocked), Z zombie
    uint32_t ticks;       // timer ticks spent running
    uint32_t system_calls;
    uint32_t pages;       // user pages mapped
    char name[NAME_LENGTH];
};

// What SYS_MEMORY reports, in 4 KiB frames.
struct memory_info {
    uint32_t frames_total;
    uint32_t frames_free;
};

// The argument of SYS_TRUTH.
enum { TRUTH_PRINT = 0, TRUTH_LOG_ON = 1, TRUTH_LOG_OFF = 2 };

// SYS_CONTROL on the console.
enum { CONSOLE_COOKED = 0, CONSOLE_RAW = 1, CONSOLE_FOREGROUND = 2 };

// SYS_CONTROL on /dev/hook: which stream the driver taps, and how many keys it holds.
enum { HOOK_SCANCODES = 0, HOOK_CHARACTERS = 1, HOOK_REMOVE = 2, HOOK_COUNT = 3 };

// SYS_CONTROL on /dev/rootkit, argument: process id.
enum { ROOTKIT_UNLINK = 0, ROOTKIT_FILTER = 1, ROOTKIT_RESTORE = 2 };

// SYS_CONTROL on /dev/hang: each is one way to hang a kernel, see kernel/drivers/hang.c.
enum {
    HANG_LOOP_ON,
    HANG_LOOP_OFF,
    HANG_DOUBLE_LOCK,
    HANG_LOST_UNLOCK,
    HANG_LOST_WAKEUP,
    HANG_CORRUPT_LIST,
    HANG_TIMER_OFF,
    HANG_LIVELOCK,
    HANG_STORM,
    HANG_COUNT
};

// SYS_CONTROL on /dev/vuln: the holes, see kernel/drivers/vuln.c. The argument points to a vuln_request.
enum {
    VULN_LEAK,
    VULN_POKE,
    VULN_POKE_BYTE,
    VULN_CALL,
    VULN_OVERFLOW,
    VULN_JUMP,
    VULN_FRAME,
    VULN_MAP,
    VULN_TIMER,
    VULN_PEEK,
    VULN_ALIAS
};

struct vuln_request {
    uint32_t address; // virtual; kernel or user, nobody checks
    uint32_t value;
    uint32_t length;  // bytes at `address`, for VULN_OVERFLOW
};

// What VULN_LEAK fills in: where the interesting things are (virtual addresses).
struct vuln_leak {
    uint32_t handler_pointer;   // the driver's function pointer
    uint32_t timer_pointer;     // its hook in the timer interrupt
    uint32_t system_call_table; // entries of 4 bytes
    uint32_t interrupt_table;   // the IDT
    uint32_t descriptor_table;  // the GDT
    uint32_t device_operations; // the pointer to the operations of /dev/null
    uint32_t victim;            // a small function on a page of its own
    uint32_t handler;           // the function the pointer holds at boot
};
