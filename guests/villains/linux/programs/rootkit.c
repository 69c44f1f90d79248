// rootkit unlink|filter [MS]: a worker process computes while the driver /dev/rootkit (villains.ko) hides it.
#include "lib/villain.h"
#include "../module/requests.h"

enum { SIGKILL = 9 };

static void work(void) {
    for (;;) {
        for (volatile int i = 0; i < 2000; i++) continue;
        sleep_ms(20);
    }
}

int main(int argc, char **argv) {
    bool unlink = argc > 1 && equal(argv[1], "unlink");
    const char *way = unlink ? "unlink" : "filter";
    int rootkit = open("/dev/rootkit", READ_WRITE);
    if (rootkit < 0) return fail("rootkit", "/dev/rootkit", rootkit);
    int worker = fork();
    if (worker == 0) work();
    confess("rootkit", "stage=before way=%s worker=%d", way, worker);
    int error = control(rootkit, unlink ? ROOTKIT_UNLINK : ROOTKIT_FILTER, worker);
    if (error) fail("rootkit", way, error);
    confess("rootkit", "stage=hidden way=%s worker=%d", way, worker);
    sleep_ms(argc > 2 ? number_in(argv[2]) : 2000);
    control(rootkit, ROOTKIT_RESTORE, 0);
    confess("rootkit", "stage=restored way=%s worker=%d", way, worker);
    kill(worker, SIGKILL);
    wait(worker, 0);
    return error != 0;
}
