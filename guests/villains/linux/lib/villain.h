// What villains share: they say what they did, as records on the serial line, so that tests know the truth. The records are those of
// pup's villains; t is in milliseconds since the guest's start.
#pragma once
#include "linux.h"

// What villain.c needs of a system; it is pup's own (guests/pup/programs/lib).
static inline unsigned record_time(void) { return milliseconds(); }
static inline int open_serial(void) { return open("/dev/ttyS0", WRITE_ONLY); }

// Writes "@villain KIND pid=PID t=MS " and the formatted rest as one line.
void confess(const char *kind, const char *format, ...);
// The same for keys: KIND's record ends with keys=HEX,HEX...
void confess_keys(const char *kind, const unsigned char *keys, int count);
// Says why a villain gives up: stage=failed what=WHAT error=NUMBER. Returns 1, the status to exit with.
int fail(const char *kind, const char *what, int error);

// C knows them; the compiler calls them on its own too.
void *memcpy(void *to, const void *from, size_t size);

bool equal(const char *a, const char *b);
bool contains(const char *text, const char *part);
int number_in(const char *text);
