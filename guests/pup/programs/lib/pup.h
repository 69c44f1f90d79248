// What a program can ask of the kernel, and the small library around it.
// Calls return a negated error (abi/errors.h) when they fail.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "abi/errors.h"
#include "abi/structures.h"
#include "abi/syscalls.h"

// The gate into the kernel: one file of gates/, chosen by the build.
int system_call(int number, ...);

_Noreturn void exit(int status);
static inline int fork(void) { return system_call(SYS_FORK); }
static inline int exec(const char *path, char **arguments) { return system_call(SYS_EXEC, path, arguments); }
static inline int wait(int *status) { return system_call(SYS_WAIT, status); }
static inline int kill(int pid) { return system_call(SYS_KILL, pid); }
static inline int getpid(void) { return system_call(SYS_GETPID); }
static inline int getppid(void) { return system_call(SYS_GETPPID); }
static inline int yield(void) { return system_call(SYS_YIELD); }
static inline int sleep(unsigned ticks) { return system_call(SYS_SLEEP, ticks); }
static inline unsigned ticks(void) { return system_call(SYS_TICKS); }
static inline int open(const char *path) { return system_call(SYS_OPEN, path); }
static inline int close(int file) { return system_call(SYS_CLOSE, file); }
static inline int read(int file, void *buffer, size_t length) { return system_call(SYS_READ, file, buffer, length); }
static inline int write(int file, const void *buffer, size_t length) {
    return system_call(SYS_WRITE, file, buffer, length);
}
static inline int pipe(int ends[2]) { return system_call(SYS_PIPE, ends); }
static inline int dup(int file, int to) { return system_call(SYS_DUP, file, to); }
static inline int control(int file, unsigned operation, uintptr_t argument) {
    return system_call(SYS_CONTROL, file, operation, argument);
}
static inline int ps(struct process_info *list, unsigned room) { return system_call(SYS_PS, list, room); }
static inline int set_job(int pid, int job) { return system_call(SYS_SET_JOB, pid, job); }
static inline int nice(int pid, int level) { return system_call(SYS_NICE, pid, level); }
// The gate reads three arguments, given or not: a thread's stack needs something above its first frame.
static inline int thread_create(void (*entry)(void *), char *stack_top, void *argument) {
    return system_call(SYS_THREAD_CREATE, entry, stack_top - 16, argument);
}
static inline void thread_exit(void) { system_call(SYS_THREAD_EXIT); }
static inline int keyboard_state(uint32_t keys[4]) { return system_call(SYS_KEYBOARD_STATE, keys); }
static inline int truth(int what) { return system_call(SYS_TRUTH, what); }
static inline int memory(struct memory_info *info) { return system_call(SYS_MEMORY, info); }
static inline int halt(void) { return system_call(SYS_HALT); }

// More memory, zeroed at its first touch; null if there is none.
void *sbrk(size_t size);

size_t length_of(const char *text);
bool equal(const char *a, const char *b);
int number_in(const char *text); // decimal; anything else ends it
void *memcpy(void *to, const void *from, size_t length);
void *memset(void *to, int value, size_t length);

// Formatted output, see abi/format.h. Each call is one write.
void print(const char *format, ...);
void print_to(int file, const char *format, ...);
// Prints "NAME: what: why" on descriptor 2; returns 1, to be main's result.
int complain(const char *what, int error);

// Starts a program; returns its id.
int start_program(char **arguments);

// Reads lines from a descriptor. Zero it, set `file`; `next_line` returns null at the end.
struct line_reader {
    int file;
    int filled, used;
    char buffer[512], line[256];
};
char *next_line(struct line_reader *reader);
