// What programs may ask of the villains' drivers, for both sides. The numbers are requests of ioctl(2); Linux keeps 1 and 2 for itself.
#pragma once

// /dev/hang
enum hang_request { HANG_FIRST = 0x20, HANG_LOOP_ON = HANG_FIRST, HANG_LOOP_OFF, HANG_DOUBLE_LOCK, HANG_LOST_UNLOCK, HANG_LOST_WAKEUP, HANG_END };
#define HANG_NAMES "loop-on", "loop-off", "double-lock", "lost-unlock", "lost-wakeup"

// /dev/rootkit; the argument is a pid.
enum rootkit_request { ROOTKIT_UNLINK = 0x40, ROOTKIT_FILTER, ROOTKIT_RESTORE };

// /dev/vuln; the argument points to a request, or for VULN_LEAK to a leak.
enum vuln_operation {
    VULN_LEAK = 0x80, VULN_PEEK, VULN_POKE, VULN_CALL, VULN_OPERATIONS, VULN_OVERFLOW, VULN_JUMP,
    VULN_POKE_BYTE,  // one byte
    VULN_POKE_TABLE, // a word of what the kernel has write-protected
    VULN_TAIL,       // jumps, in place of a call
    VULN_FRAME,      // "restores" EIP and the privilege of the program's saved state
    VULN_ALIAS,      // where the kernel itself sees a page of the program's
    VULN_TIMER,      // what a timer calls
    VULN_MSR,        // a machine-specific register, written
    VULN_VICTIM,     // calls the function that may be mapped
};
// IA32_SYSENTER_EIP (Intel SDM volume 4).
enum { VULN_SYSENTER_EIP = 0x176 };
struct vuln_request {
    unsigned address, value, length;
};
struct vuln_leak {
    unsigned handler_pointer, handler, operations_pointer, operations, overflow_return, victim, sysenter;
    // Of the caller: what it restarts an interrupted call with, and the table of operations of the open driver.
    unsigned restart_pointer, restart, file_operations_pointer, file_operations;
};
