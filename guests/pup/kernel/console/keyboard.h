// The PS/2 keyboard.
#pragma once
#include <stdint.h>

void keyboard_init(void);
// Set by the villains' hook; sees each scancode, in the interrupt.
extern void (*keyboard_hook)(uint8_t scancode);
// A bit for each key of scancode set 1 that is down right now.
extern uint32_t keys_down[4];
