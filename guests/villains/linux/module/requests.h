// What programs may ask of the villains' drivers, for both sides. The numbers are requests of ioctl(2); Linux keeps 1 and 2 for itself.
#pragma once

// /dev/hang
enum hang_request { HANG_FIRST = 0x20, HANG_LOOP_ON = HANG_FIRST, HANG_LOOP_OFF, HANG_DOUBLE_LOCK, HANG_LOST_UNLOCK, HANG_LOST_WAKEUP, HANG_END };
#define HANG_NAMES "loop-on", "loop-off", "double-lock", "lost-unlock", "lost-wakeup"

// /dev/rootkit; the argument is a pid.
enum rootkit_request { ROOTKIT_UNLINK = 0x40, ROOTKIT_FILTER, ROOTKIT_RESTORE };

// /dev/vuln; the argument points to a request, or for VULN_LEAK to a leak.
enum vuln_operation { VULN_LEAK = 0x80, VULN_PEEK, VULN_POKE, VULN_CALL, VULN_OPERATIONS, VULN_OVERFLOW, VULN_JUMP };
struct vuln_request {
    unsigned address, value, length;
};
struct vuln_leak {
    unsigned handler_pointer, handler, operations_pointer, operations, overflow_return;
};
