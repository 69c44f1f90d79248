// Strings and memory.
#include "lib/pup.h"

size_t length_of(const char *text) {
    size_t length = 0;
    while (text[length]) length++;
    return length;
}

bool equal(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

int number_in(const char *text) {
    int number = 0;
    while (*text >= '0' && *text <= '9') number = number * 10 + *text++ - '0';
    return number;
}

void *memcpy(void *to, const void *from, size_t length) {
    void *target = to;
    asm volatile("rep movsb" : "+D"(target), "+S"(from), "+c"(length)::"memory");
    return to;
}

void *memset(void *to, int value, size_t length) {
    void *target = to;
    asm volatile("rep stosb" : "+D"(target), "+c"(length) : "a"(value) : "memory");
    return to;
}
