// The few string functions that the kernel needs; gcc itself calls the first three.
#pragma once
#include <stdbool.h>
#include <stddef.h>

void *memcpy(void *to, const void *from, size_t length);
void *memset(void *to, int value, size_t length);
void *memmove(void *to, const void *from, size_t length);
size_t string_length(const char *text);
bool string_equal(const char *a, const char *b);
// True if `text` begins with `prefix`.
bool string_begins(const char *text, const char *prefix);
// Copies at most size - 1 characters and always ends the string.
void string_copy(char *to, const char *from, size_t size);
