// /dev/kbd.
#pragma once
#include <stdint.h>

void scancodes_add(uint8_t scancode);
