// badcalls: system calls with arguments that make no sense. Each must fail, and none may harm the kernel.
#include "lib/pup.h"

static const struct {
    const char *what;
    int number;
    unsigned arguments[3];
    int error;
} calls[] = {
    {"no such call", 99999, {0, 0, 0}, ENOSYS},
    {"negative call", -1, {0, 0, 0}, ENOSYS},
    {"write from the kernel", SYS_WRITE, {1, 0xfffff000, 16}, EFAULT},
    {"write from nowhere", SYS_WRITE, {1, 0x10, 16}, EFAULT},
    {"write round the end", SYS_WRITE, {1, 0x6fffff00, 0xfffffff0}, EFAULT},
    {"write of everything", SYS_WRITE, {1, 0x00400000, 0x7fffffff}, EFAULT},
    {"read into code", SYS_READ, {0, 0x00400000, 1}, EFAULT},
    {"read of no file", SYS_READ, {15, 0x6ffff000, 1}, EBADF},
    {"close of no file", SYS_CLOSE, {9999, 0, 0}, EBADF},
    {"dup to nowhere", SYS_DUP, {1, 9999, 0}, EBADF},
    {"open of a bad pointer", SYS_OPEN, {0xfffffff0, 0, 0}, EFAULT},
    {"exec of a bad pointer", SYS_EXEC, {4, 0, 0}, EFAULT},
    {"wait for nobody", SYS_WAIT, {0, 0, 0}, ECHILD},
    {"kill nobody", SYS_KILL, {0x7fffffff, 0, 0}, ESRCH},
    {"kill init", SYS_KILL, {0, 0, 0}, EPERM},
    {"pipe into the kernel", SYS_PIPE, {0xfffff000, 0, 0}, EFAULT},
    {"ps into the kernel", SYS_PS, {0xfffff000, 9, 0}, EFAULT},
    {"too much heap", SYS_SBRK, {0x70000000, 0, 0}, ENOMEM},
};

// The id of init differs between variants: the first process in the list.
static unsigned init_id(void) {
    struct process_info first;
    ps(&first, 1);
    return first.pid;
}

int main(void) {
    int failed = 0;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        const unsigned *arguments = calls[i].arguments;
        bool init = equal(calls[i].what, "kill init");
        int result = system_call(calls[i].number, init ? init_id() : arguments[0], arguments[1], arguments[2]);
        if (result == -calls[i].error) continue;
        failed++;
        print("badcalls: %s: expected %d, found %d\n", calls[i].what, -calls[i].error, result);
    }
    print("badcalls: %d of %d wrong\n", failed, (int)(sizeof calls / sizeof *calls));
    return failed;
}
