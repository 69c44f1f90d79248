// The first serial port: National Semiconductor 16550 UART. Output is polled, so that it is complete whatever happens
// next; input comes by interrupt.
#include "console/serial.h"
#include <stdarg.h>
#include <stdbool.h>
#include "abi/format.h"
#include "arch/pic.h"
#include "arch/ports.h"
#include "clock/clock.h"
#include "console/terminal.h"
#include "files/file.h"

enum { COM1 = 0x3f8, COM1_IRQ = 4 };
enum { DATA = COM1, INTERRUPTS = COM1 + 1, FIFO = COM1 + 2, LINE = COM1 + 3, MODEM = COM1 + 4, STATUS = COM1 + 5 };
enum { STATUS_RECEIVED = 1, STATUS_CAN_SEND = 0x20 };

static bool line_begun;

static void put(char character) {
    while (!(port_read(STATUS) & STATUS_CAN_SEND)) continue;
    port_write(DATA, character);
    line_begun = character != '\n' && (line_begun || character != '\r');
}

static void put_text(char character, void *unused) {
    (void)unused;
    if (character == '\n') put('\r');
    put(character);
}

void serial_write(const char *text, uint32_t length) {
    while (length--) put_text(*text++, 0);
}

static void begin_record(void) {
    if (line_begun) put_text('\n', 0);
}

void serial_record(const char *format, ...) {
    begin_record();
    va_list arguments;
    va_start(arguments, format);
    format_text(put_text, 0, format, arguments);
    va_end(arguments);
}

static void received(void) {
    while (port_read(STATUS) & STATUS_RECEIVED) {
        char character = port_read(DATA);
        terminal_input(character == '\r' ? '\n' : character);
    }
}

void serial_init(void) {
    port_write(LINE, 0x83); // divisor latch open
    port_write(DATA, 1);    // 115200 bit/s
    port_write(INTERRUPTS, 0);
    port_write(LINE, 0x03); // 8 bits, no parity, 1 stop bit
    port_write(FIFO, 0);
    port_write(MODEM, 0x0b); // DTR, RTS, and OUT2, which lets interrupts through
    if (clock_is_quiet) return;
    pic_handle(COM1_IRQ, received);
    port_write(INTERRUPTS, 1);
}

// The device: what programs write here is a record too.
static int write(struct file *file, const char *buffer, uint32_t length) {
    (void)file;
    if (length && buffer[0] == '@') begin_record();
    serial_write(buffer, length);
    return length;
}

const struct file_operations serial_operations = {.write = write};
