// The VGA text screen, 80 x 25 (IBM VGA technical reference). There is no BIOS that would have set the mode,
// so the registers that matter are set here.
#include "console/screen.h"
#include <stdint.h>
#include "arch/ports.h"
#include "lib/string.h"
#include "paging/paging.h"

enum { COLUMNS = 80, ROWS = 25, TEXT_MEMORY = 0xb8000, GRAY_ON_BLACK = 0x07 };
enum { CRTC = 0x3d4, GRAPHICS = 0x3ce, ATTRIBUTES = 0x3c0, ATTRIBUTES_RESET = 0x3da, PALETTE = 0x3c8 };

static uint32_t row, column;
// Reading screen memory is slow: scrolling works on this copy.
static uint16_t cells[ROWS * COLUMNS];

static volatile uint16_t *screen(void) { return to_virtual(TEXT_MEMORY); }

static void set(uint16_t port, uint8_t index, uint8_t value) {
    port_write(port, index);
    port_write(port + 1, value);
}

static void set_cell(uint32_t position, uint16_t cell) {
    if (cells[position] == cell) return;
    cells[position] = cell;
    screen()[position] = cell;
}

static void place_cursor(void) {
    uint32_t position = row * COLUMNS + column;
    set(CRTC, 0x0e, position >> 8);
    set(CRTC, 0x0f, position);
}

static void scroll(void) {
    for (uint32_t i = 0; i < (ROWS - 1) * COLUMNS; i++) set_cell(i, cells[i + COLUMNS]);
    for (uint32_t i = (ROWS - 1) * COLUMNS; i < ROWS * COLUMNS; i++) set_cell(i, GRAY_ON_BLACK << 8 | ' ');
    row--;
}

void screen_put(char character) {
    if (character == '\n') {
        column = 0;
        row++;
    } else if (character == '\r') {
        column = 0;
    } else if (character == '\b') {
        if (column) column--;
    } else {
        set_cell(row * COLUMNS + column, GRAY_ON_BLACK << 8 | (uint8_t)character);
        if (++column == COLUMNS) column = 0, row++;
    }
    if (row == ROWS) scroll();
    place_cursor();
}

// The sixteen text colours: red, green and blue bits, dimmed unless bright; brown is the odd one out.
static void set_palette(void) {
    port_write(PALETTE, 0);
    for (int color = 0; color < 16; color++) {
        int low = color & 8 ? 21 : 0;
        port_write(PALETTE + 1, (color & 4 ? 42 : 0) + low);
        port_write(PALETTE + 1, (color & 2 ? (color == 6 ? 21 : 42) : 0) + low);
        port_write(PALETTE + 1, (color & 1 ? 42 : 0) + low);
    }
    port_read(ATTRIBUTES_RESET);
    for (int color = 0; color < 16; color++) {
        port_write(ATTRIBUTES, color);
        port_write(ATTRIBUTES, color);
    }
    port_write(ATTRIBUTES, 0x20); // display on
}

void screen_init(void) {
    set(GRAPHICS, 6, 0x0e); // text memory at 0xb8000
    set_palette();
    set(CRTC, 0x0c, 0); // the screen shows the start of text memory
    set(CRTC, 0x0d, 0);
    for (uint32_t i = 0; i < ROWS * COLUMNS; i++) set_cell(i, GRAY_ON_BLACK << 8 | ' ');
}
