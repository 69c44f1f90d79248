// The first serial port, COM1.
#pragma once
#include <stdint.h>

void serial_init(void);
// Writes text, a line feed as CR LF.
void serial_write(const char *text, uint32_t length);
// Prints one record on a line of its own: these lines are read by machines.
void serial_record(const char *format, ...);
