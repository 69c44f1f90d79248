// Collects lines in a page, which goes to the kernel's console device as it is.
#include "console.h"
#include "mach/kernel.h"

static char page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static uint32_t length;
static port_t device, answers;

static void put(char character) {
    if (length == sizeof page) __builtin_trap();
    page[length++] = character;
}

void console_open(port_t master, port_t reply) {
    answers = reply;
    device = device_open(master, "console", reply);
    put('\n'); // the kernel's own last line is not ended
}

static void put_text(const char *text) {
    while (*text) put(*text++);
}

static void put_number(uint32_t value, uint32_t base) {
    if (value >= base) put_number(value / base, base);
    put("0123456789abcdef"[value % base]);
}

static void begin_field(const char *name) {
    put(' ');
    put_text(name);
    put('=');
}

static void end_line(void) {
    if (length && page[length - 1] != '\n') put('\n');
}

void line(const char *what) {
    end_line();
    put('@');
    put_text(what);
}

void field(const char *name, uint32_t value) {
    begin_field(name);
    put_number(value, 10);
}

void hex_field(const char *name, uint32_t value) {
    begin_field(name);
    put_text("0x");
    put_number(value, 16);
}

void text_field(const char *name, const char *value) {
    begin_field(name);
    put_text(value);
}

void say(void) {
    end_line();
    device_write(device, page, length, answers);
    length = 0;
}
