// The few string functions that the kernel needs. REP keeps them short, and a loop in C would make gcc call itself.
#include "lib/string.h"

void *memcpy(void *to, const void *from, size_t length) {
    void *target = to;
    size_t words = length / 4, bytes = length % 4;
    asm volatile("rep movsl" : "+D"(target), "+S"(from), "+c"(words)::"memory");
    asm volatile("rep movsb" : "+D"(target), "+S"(from), "+c"(bytes)::"memory");
    return to;
}

void *memset(void *to, int value, size_t length) {
    void *target = to;
    size_t words = length / 4, bytes = length % 4;
    unsigned pattern = (unsigned char)value * 0x01010101u;
    asm volatile("rep stosl" : "+D"(target), "+c"(words) : "a"(pattern) : "memory");
    asm volatile("rep stosb" : "+D"(target), "+c"(bytes) : "a"(pattern) : "memory");
    return to;
}

void *memmove(void *to, const void *from, size_t length) {
    if (to <= from) return memcpy(to, from, length);
    char *target = (char *)to + length - 1;
    const char *source = (const char *)from + length - 1;
    asm volatile("std; rep movsb; cld" : "+D"(target), "+S"(source), "+c"(length)::"memory");
    return to;
}

size_t string_length(const char *text) {
    size_t length = 0;
    while (text[length]) length++;
    return length;
}

bool string_equal(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

bool string_begins(const char *text, const char *prefix) {
    while (*prefix)
        if (*text++ != *prefix++) return false;
    return true;
}

void string_copy(char *to, const char *from, size_t size) {
    while (size-- > 1 && *from) *to++ = *from++;
    *to = 0;
}
