// Loading of programs.
#pragma once
#include <stdint.h>
#include "memory/space.h"

// Maps the ELF file `file` of `size` bytes into an empty space. `entry` receives its first instruction.
// Returns 0 or a negated error; the space is then to be destroyed.
int elf_load(const char *file, uint32_t size, struct address_space *space, uint32_t *entry);
