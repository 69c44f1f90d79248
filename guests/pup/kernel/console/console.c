// The console: what programs see as /dev/console.
#include "console/console.h"
#include <stdarg.h>
#include "abi/format.h"
#include "arch/cpu.h"
#include "console/screen.h"
#include "console/serial.h"
#include "console/terminal.h"
#include "files/file.h"
#include "sched/mutex.h"

// Keeps the output of two programs apart when one of them has to wait in the middle of a write.
struct mutex console_lock;

void console_put(char character) {
    serial_write(&character, 1);
    screen_put(character);
}

static void put_text(char character, void *unused) {
    (void)unused;
    console_put(character);
}

void console_print(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    format_text(put_text, 0, format, arguments);
    va_end(arguments);
}

void panic(const char *format, ...) {
    interrupts_off();
    console_print("pup: panic: ");
    va_list arguments;
    va_start(arguments, format);
    format_text(put_text, 0, format, arguments);
    va_end(arguments);
    console_print("\n");
    stop_machine();
}

static int write(struct file *file, const char *buffer, uint32_t length) {
    (void)file;
    int error = mutex_lock(&console_lock);
    if (error) return error;
    for (uint32_t i = 0; i < length; i++) console_put(buffer[i]);
    mutex_unlock(&console_lock);
    return length;
}

const struct file_operations console_operations = {.read = terminal_read, .write = write, .control = terminal_control};
