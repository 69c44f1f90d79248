// rootkit unlink|filter [TICKS]: a worker process computes while a driver in the kernel hides it from ps.
#include "lib/villain.h"

static void work(void) {
    for (;;) {
        for (volatile int i = 0; i < 2000; i++) continue;
        sleep(2);
    }
}

static bool is_listed(int pid) {
    static struct process_info list[256];
    int count = ps(list, 256);
    for (int i = 0; i < count; i++)
        if (list[i].pid == pid) return true;
    return false;
}

int main(int argc, char **argv) {
    const char *way = argc > 1 ? argv[1] : "filter";
    int rootkit = open("/dev/rootkit"), worker = fork();
    if (worker == 0) work();
    if (worker < 0) return complain("rootkit: fork", worker);
    confess("rootkit", "stage=before way=%s worker=%d listed=%d", way, worker, is_listed(worker));
    int error = control(rootkit, equal(way, "unlink") ? ROOTKIT_UNLINK : ROOTKIT_FILTER, worker);
    if (error) complain("rootkit", error);
    confess("rootkit", "stage=hidden way=%s worker=%d listed=%d", way, worker, is_listed(worker));
    sleep(argc > 2 ? number_in(argv[2]) : 20);
    control(rootkit, ROOTKIT_RESTORE, 0);
    confess("rootkit", "stage=restored way=%s worker=%d listed=%d", way, worker, is_listed(worker));
    kill(worker);
    wait(0);
    return error != 0;
}
