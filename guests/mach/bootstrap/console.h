// The console, for the bootstrap task alone: lines of the form `@what name=value name=value`, for programs to read.
#pragma once
#include "mach/types.h"

/** Opens the kernel's console. `master` is the port that the kernel gives to the first task. */
void console_open(port_t master, port_t reply);

/** Begins a line, ends the one before. */
void line(const char *what);

/** Adds to the line. */
void field(const char *name, uint32_t value);
void hex_field(const char *name, uint32_t value);
void text_field(const char *name, const char *value);

/** Ends the line and writes out what was collected, in one call of the kernel. */
void say(void);
