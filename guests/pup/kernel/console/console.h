// The console: screen and serial line together.
#pragma once
#include <stdint.h>

void console_put(char character);
// For the kernel's own messages; never waits.
void console_print(const char *format, ...);
// Prints why, and stops the machine.
_Noreturn void panic(const char *format, ...);
