// threads [N]: N threads add up numbers in shared memory, in the variant that has threads.
#include "lib/pup.h"

enum { STACK = 4096, MOST = 16 };

static volatile int sum, running;

static void work(void *argument) {
    int number = (int)argument;
    for (int i = 0; i < 10; i++) {
        sum += number;
        yield();
    }
    running--;
    thread_exit();
}

int main(int argc, char **argv) {
    int wanted = argc > 1 ? number_in(argv[1]) : 4;
    if (wanted > MOST) wanted = MOST;
    for (int i = 1; i <= wanted; i++) {
        char *stack = sbrk(STACK);
        if (!stack) return complain("threads", -ENOMEM);
        running++;
        int thread = thread_create(work, stack + STACK, (void *)i);
        if (thread < 0) return complain("threads", thread);
    }
    while (running) yield();
    print("threads: %d threads, sum %d\n", wanted, sum);
    return 0;
}
