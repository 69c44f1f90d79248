// Keys from the keyboard's event device.
#pragma once
#include "linux.h"

// Opens the event device of the keyboard. Negative if there is none (evdev.ko is not loaded).
int open_keyboard(void);
// Waits for keys to go down; gives their codes, which for letters are those of scancode set 1. Returns how many, or an error.
int read_keys(int keyboard, unsigned char *keys, int most);
