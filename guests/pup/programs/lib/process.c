// The parts of the process interface that are more than one call.
#include "lib/pup.h"

void exit(int status) {
    for (;;) system_call(SYS_EXIT, status);
}

void *sbrk(size_t size) {
    int old_end = system_call(SYS_SBRK, size);
    return old_end < 0 ? 0 : (void *)old_end;
}

int start_program(char **arguments) {
    int pid = fork();
    if (pid) return pid;
    char path[64] = "/bin/";
    char *name = arguments[0];
    if (*name == '/') {
        exec(name, arguments);
    } else if (length_of(name) < sizeof path - 5) {
        memcpy(path + 5, name, length_of(name) + 1);
        exec(path, arguments);
    }
    exit(complain(name, -ENOENT) + 126);
}
