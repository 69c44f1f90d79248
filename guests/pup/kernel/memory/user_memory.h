// Access to the memory of the running program. Pointers from programs are never trusted.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Makes sure that the program may use `length` bytes at `address`, and that they are present.
// Returns 0, -EFAULT or -ENOMEM; after 0 the kernel may use the pointer directly.
int user_range(uint32_t address, size_t length, bool write);
int copy_from_user(void *to, uint32_t from, size_t length);
int copy_to_user(uint32_t to, const void *from, size_t length);
// Copies a string of less than `size` characters.
int string_from_user(char *to, uint32_t from, size_t size);
