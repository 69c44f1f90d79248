// Giving up, and strings and memory.
#include "villain.h"

int fail(const char *kind, const char *what, int error) {
    confess(kind, "stage=failed what=%s error=%d", what, error);
    return 1;
}

bool equal(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

bool contains(const char *text, const char *part) {
    for (; *text; text++) {
        int i = 0;
        while (part[i] && text[i] == part[i]) i++;
        if (!part[i]) return true;
    }
    return false;
}

int number_in(const char *text) {
    int number = 0;
    while (*text >= '0' && *text <= '9') number = number * 10 + *text++ - '0';
    return number;
}

// The compiler calls these on its own.
void *memcpy(void *to, const void *from, size_t size) {
    for (size_t i = 0; i < size; i++) ((char *)to)[i] = ((const char *)from)[i];
    return to;
}
void *memset(void *to, int value, size_t size) {
    for (size_t i = 0; i < size; i++) ((char *)to)[i] = (char)value;
    return to;
}
