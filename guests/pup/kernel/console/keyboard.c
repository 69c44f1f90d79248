// The PS/2 keyboard behind an Intel 8042 controller, scancode set 1, American layout.
#include "console/keyboard.h"
#include <stdbool.h>
#include "arch/pic.h"
#include "arch/ports.h"
#include "clock/clock.h"
#include "console/terminal.h"
#include "drivers/scancodes.h"

enum { DATA = 0x60, STATUS = 0x64, KEYBOARD_IRQ = 1 };
enum { STATUS_FULL = 1, COMMAND_REPORT = 0xf4, ACKNOWLEDGED = 0xfa };
enum { RELEASED = 0x80, EXTENDED = 0xe0, LEFT_SHIFT = 0x2a, RIGHT_SHIFT = 0x36, CONTROL = 0x1d };

void (*keyboard_hook)(uint8_t scancode);
uint32_t keys_down[4];

static const char plain[] = "\0\x1b" "1234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] = "\0\x1b" "!@#$%^&*()_+\b\tQWERTYUIOP{}\n\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

static bool is_down(uint8_t key) { return keys_down[key / 32] >> key % 32 & 1; }

// Arrow keys become what a serial terminal sends for them.
static void extended_key(uint8_t key) {
    char final = key == 0x48 ? 'A' : key == 0x50 ? 'B' : key == 0x4d ? 'C' : key == 0x4b ? 'D' : 0;
    if (!final) return;
    terminal_input('\x1b');
    terminal_input('[');
    terminal_input(final);
}

static void plain_key(uint8_t key) {
    if (key >= sizeof plain - 1) return;
    char character = is_down(LEFT_SHIFT) || is_down(RIGHT_SHIFT) ? shifted[key] : plain[key];
    if (is_down(CONTROL)) character &= 0x1f;
    if (character) terminal_input(character);
}

static void scancode_received(uint8_t scancode) {
    static bool extended;
    bool was_extended = extended;
    extended = scancode == EXTENDED;
    if (extended) return;
    uint8_t key = scancode & ~RELEASED;
    if (scancode & RELEASED) {
        keys_down[key / 32] &= ~(1u << key % 32);
        return;
    }
    keys_down[key / 32] |= 1u << key % 32;
    if (was_extended)
        extended_key(key);
    else
        plain_key(key);
}

static void interrupt(void) {
    while (port_read(STATUS) & STATUS_FULL) {
        uint8_t scancode = port_read(DATA);
        if (scancode == ACKNOWLEDGED) continue;
        if (keyboard_hook) keyboard_hook(scancode);
        scancodes_add(scancode);
        scancode_received(scancode);
    }
}

void keyboard_init(void) {
    if (clock_is_quiet) return;
    pic_handle(KEYBOARD_IRQ, interrupt);
    port_write(DATA, COMMAND_REPORT);
}
