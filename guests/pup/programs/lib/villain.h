// What villains share: they say what they did, as records on the serial line, so that tests know the truth.
#pragma once
#include "lib/pup.h"

// What villain.c needs of a system: the villains for Linux have a villain.h of their own, with the same functions.
static inline unsigned record_time(void) { return ticks(); }
static inline int open_serial(void) { return open("/dev/serial"); }

// Writes "@villain KIND pid=PID t=TICKS " and the formatted rest as one line.
void confess(const char *kind, const char *format, ...);
// The same for keys: KIND's record ends with keys=HEX,HEX...
void confess_keys(const char *kind, const unsigned char *keys, int count);
