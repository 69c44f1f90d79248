// Programs that get nowhere and are no fault of any kernel: for pup and for Linux, by the functions that both have.
#pragma once
#include "lib/villain.h"

// Two processes are so polite that neither gets anywhere.
static void polite(void) {
    fork();
    for (;;) yield();
}

// Each waits for the other's pipe.
static void deadlock(void) {
    int first[2], second[2];
    char byte;
    if (pipe(first) || pipe(second)) exit(1);
    if (fork() == 0) read(first[0], &byte, 1), write(second[1], &byte, 1);
    read(second[0], &byte, 1), write(first[1], &byte, 1);
}
