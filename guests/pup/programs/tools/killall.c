// killall NAME...: ends all processes of a name, as far as the kernel shows them.
#include "lib/pup.h"

int main(int argc, char **argv) {
    static struct process_info list[256];
    int count = ps(list, 256), ended = 0;
    for (int i = 0; i < count; i++)
        for (int j = 1; j < argc; j++)
            if (equal(list[i].name, argv[j]) && list[i].pid != getpid() && !kill(list[i].pid)) ended++;
    return ended == 0;
}
