// /dev/hook: a keylogger inside the kernel, as a malicious module would be. Its hook runs in the keyboard interrupt and
// only stores; a program fetches the catch when it likes.
#include "abi/errors.h"
#include "abi/structures.h"
#include "console/keyboard.h"
#include "console/terminal.h"
#include "files/file.h"

enum { STORE_SIZE = 512 };

static uint8_t store[STORE_SIZE];
static uint32_t stored, taken;

static void keep(uint8_t byte) {
    if (stored - taken < STORE_SIZE) store[stored++ % STORE_SIZE] = byte;
}

static void keep_scancode(uint8_t scancode) {
    if (!(scancode & 0x80)) keep(scancode); // a key pressed, not released
}

static void keep_character(char character) { keep(character); }

// Never waits: returns what there is.
static int read(struct file *file, char *buffer, uint32_t length) {
    (void)file;
    uint32_t count = 0;
    while (count < length && taken != stored) buffer[count++] = store[taken++ % STORE_SIZE];
    return count;
}

static int control(struct file *file, uint32_t operation, uint32_t argument) {
    (void)file, (void)argument;
    if (operation == HOOK_COUNT) return stored - taken;
    if (operation > HOOK_COUNT) return -EINVAL;
    keyboard_hook = operation == HOOK_SCANCODES ? keep_scancode : 0;
    terminal_hook = operation == HOOK_CHARACTERS ? keep_character : 0;
    return 0;
}

const struct file_operations hook_operations = {.read = read, .control = control};
