// What a system call returns (negated) when it fails. Values as in POSIX so that nobody has to learn others.
#pragma once

enum {
    EPERM = 1,   // not allowed
    ENOENT = 2,  // no such file
    ESRCH = 3,   // no such process
    EINTR = 4,   // killed while waiting
    EIO = 5,     // a background job may not read the console
    E2BIG = 7,   // arguments do not fit a page
    ENOEXEC = 8, // not an ELF program for this machine
    EBADF = 9,   // no such open file, or not open for this
    ECHILD = 10, // no child to wait for
    EAGAIN = 11, // a kernel table is full
    ENOMEM = 12, // no memory left
    EFAULT = 14, // a pointer that the program may not use
    EINVAL = 22, // an argument makes no sense
    EMFILE = 24, // too many open files
    EPIPE = 32,  // nobody reads the pipe
    ENOSYS = 38, // this variant has no such system call
};
