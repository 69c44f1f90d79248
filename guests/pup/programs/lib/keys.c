// Reading /dev/kbd.
#include "lib/keys.h"

enum { RELEASED = 0x80 };

int read_keys(int keyboard, unsigned char *keys, int room) {
    for (;;) {
        unsigned char codes[32];
        int count = read(keyboard, codes, room < 32 ? room : 32), pressed = 0;
        if (count < 0) return count;
        for (int i = 0; i < count; i++)
            if (!(codes[i] & RELEASED)) keys[pressed++] = codes[i];
        if (pressed) return pressed;
    }
}
