// A crash: the kernel makes a message of it, and the task waits until somebody decides. Here it is ended.
#include "crew.h"
#include "plays/plays.h"

/** Behind the stacks and before the kernel: nobody's. */
enum { NOWHERE = 0x7ffff000 };

static void write_nowhere(uint32_t unused) {
    (void)unused;
    *(volatile uint32_t *)NOWHERE = 1;
    finish(0);
}

void play_crash(void) {
    struct task task = task_make("crasher");
    thread_make(task, write_nowhere, 0);
    crashed(task);
    task_end(task);
}
