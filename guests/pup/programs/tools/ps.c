// ps: the list of processes, as the kernel tells it.
#include "lib/pup.h"

int main(void) {
    static struct process_info list[256];
    int count = ps(list, 256);
    print("%10s %10s S THR  TICKS  CALLS PAGES NAME\n", "PID", "PARENT");
    for (int i = 0; i < count; i++)
        print("%10d %10d %c %3d %6u %6u %5u %s\n", list[i].pid, list[i].parent, list[i].state, list[i].threads,
              list[i].ticks, list[i].system_calls, list[i].pages, list[i].name);
    return 0;
}
