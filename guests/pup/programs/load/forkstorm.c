// forkstorm N: N children at once, each of which lives a little; says how many forks the kernel refused.
#include "lib/pup.h"

int main(int argc, char **argv) {
    int wanted = argc > 1 ? number_in(argv[1]) : 20, started = 0, refused = 0, last_error = 0, ended = 0;
    for (int i = 0; i < wanted; i++) {
        int pid = fork();
        if (pid == 0) {
            for (int j = 0; j < 3; j++) yield();
            exit(i & 0x7f);
        }
        if (pid < 0)
            refused++, last_error = pid;
        else
            started++;
    }
    while (wait(0) > 0) ended++;
    print("forkstorm: %d started, %d ended, %d refused\n", started, ended, refused);
    if (refused) complain("forkstorm: fork", last_error);
    return started != ended;
}
