// For keyloggers that read the raw keyboard.
#pragma once
#include "lib/pup.h"

// Waits until keys are pressed; stores their scancodes, releases left out. Returns how many, or a negated error.
int read_keys(int keyboard, unsigned char *keys, int room);
