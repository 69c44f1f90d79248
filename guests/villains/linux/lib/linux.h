// The system calls that villains use, made with INT 0x80, without a C library. Source: Linux, arch/x86/entry/syscalls/syscall_32.tbl.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum system_call {
    SYS_RESTART = 0, SYS_EXIT = 1, SYS_FORK = 2, SYS_READ = 3, SYS_WRITE = 4, SYS_OPEN = 5, SYS_CLOSE = 6, SYS_LSEEK = 19, SYS_GETPID = 20,
    SYS_PTRACE = 26, SYS_KILL = 37, SYS_PIPE = 42, SYS_IOCTL = 54, SYS_MMAP = 90, SYS_IOPL = 110, SYS_WAIT4 = 114, SYS_SETSCHEDULER = 156,
    SYS_YIELD = 158, SYS_NANOSLEEP = 162, SYS_CLOCK_GETTIME = 265,
};

static inline int linux_call(int number, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d) {
    int result;
    asm volatile("int $0x80" : "=a"(result) : "0"(number), "b"(a), "c"(b), "d"(c), "S"(d) : "memory");
    return result;
}

// All return what the kernel does: a negative number is an error.
static inline int fork(void) { return linux_call(SYS_FORK, 0, 0, 0, 0); }
static inline int getpid(void) { return linux_call(SYS_GETPID, 0, 0, 0, 0); }
static inline int yield(void) { return linux_call(SYS_YIELD, 0, 0, 0, 0); }
static inline int iopl(int level) { return linux_call(SYS_IOPL, level, 0, 0, 0); }
static inline int close(int file) { return linux_call(SYS_CLOSE, file, 0, 0, 0); }
static inline int pipe(int ends[2]) { return linux_call(SYS_PIPE, (uintptr_t)ends, 0, 0, 0); }
static inline int kill(int pid, int signal) { return linux_call(SYS_KILL, pid, signal, 0, 0); }
static inline int wait(int pid, int *status) { return linux_call(SYS_WAIT4, pid, (uintptr_t)status, 0, 0); }
static inline int seek_to(int file, int offset) { return linux_call(SYS_LSEEK, file, offset, 0, 0); }

enum { READ_ONLY = 0, WRITE_ONLY = 1, READ_WRITE = 2 };
static inline int open(const char *path, int how) { return linux_call(SYS_OPEN, (uintptr_t)path, how, 0, 0); }
static inline int read(int file, void *to, size_t size) { return linux_call(SYS_READ, file, (uintptr_t)to, size, 0); }
static inline int write(int file, const void *from, size_t size) {
    return linux_call(SYS_WRITE, file, (uintptr_t)from, size, 0);
}
static inline int control(int file, unsigned request, uintptr_t argument) {
    return linux_call(SYS_IOCTL, file, request, argument, 0);
}

// Maps a file, or memory for -1. An address of 0 leaves it to the kernel. Errors are -4095 to -1.
enum { MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_FIXED = 0x10, MAP_ANONYMOUS = 0x20 };
static inline uintptr_t map(uintptr_t address, size_t size, int flags, int file) {
    uintptr_t arguments[6] = {address, size, 7 /* read, write, execute */, flags, file, 0};
    return linux_call(SYS_MMAP, (uintptr_t)arguments, 0, 0, 0);
}

struct time {
    int seconds, nanoseconds;
};
static inline unsigned milliseconds(void) {
    struct time now;
    linux_call(SYS_CLOCK_GETTIME, 1, (uintptr_t)&now, 0, 0); // CLOCK_MONOTONIC
    return now.seconds * 1000u + now.nanoseconds / 1000000;
}
static inline void sleep_ms(int duration) {
    struct time length = {duration / 1000, duration % 1000 * 1000000};
    linux_call(SYS_NANOSLEEP, (uintptr_t)&length, 0, 0, 0);
}
__attribute__((noreturn)) static inline void exit(int status) {
    for (;;) linux_call(SYS_EXIT, status, 0, 0, 0);
}

static inline void out8(uint16_t port, uint8_t value) { asm volatile("outb %0, %1" ::"a"(value), "Nd"(port)); }
static inline uint8_t in8(uint16_t port) {
    uint8_t value;
    asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
