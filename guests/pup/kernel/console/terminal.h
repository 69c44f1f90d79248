// The terminal: turns what arrives from keyboard and serial line into what programs read.
#pragma once
#include <stdint.h>
#include "files/file.h"

// Called in interrupts with each character typed, wherever it was typed.
void terminal_input(char character);
// Set by the villains' keyboard hook; sees each character.
extern void (*terminal_hook)(char character);

int terminal_read(struct file *file, char *buffer, uint32_t length);
int terminal_control(struct file *file, uint32_t operation, uint32_t argument);
