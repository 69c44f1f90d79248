// The numbers of the system calls: the contract between kernel and programs, the same in every variant.
// Only the gate (int 0x80, int 0x2e, SYSENTER, call gate) and the way arguments travel differ.
#pragma once

enum {
    SYS_EXIT = 1,
    SYS_FORK,
    SYS_EXEC,
    SYS_WAIT,
    SYS_KILL,
    SYS_GETPID,
    SYS_GETPPID,
    SYS_YIELD,
    SYS_SLEEP,
    SYS_TICKS,
    SYS_SBRK,
    SYS_OPEN,
    SYS_CLOSE,
    SYS_READ,
    SYS_WRITE,
    SYS_PIPE,
    SYS_DUP,
    SYS_CONTROL,
    SYS_PS,
    SYS_SET_JOB,
    SYS_NICE,
    SYS_THREAD_CREATE,
    SYS_THREAD_EXIT,
    SYS_KEYBOARD_STATE,
    SYS_TRUTH,
    SYS_MEMORY,
    SYS_HALT,
    SYS_COUNT
};
