// The strings that a program is started with.
#pragma once
#include <stdint.h>
#include "memory/space.h"

enum { ARGUMENTS_SIZE = 2048, ARGUMENTS_MAX = 32 };

struct arguments {
    uint32_t count, used;
    uint16_t offsets[ARGUMENTS_MAX];
    char text[ARGUMENTS_SIZE];
};

// All return 0 or a negated error.
int arguments_add(struct arguments *arguments, const char *text);
int arguments_from_user(struct arguments *arguments, uint32_t array);
// Builds the first stack page of `space`; `stack` receives the stack pointer, which points to argc, then argv.
int arguments_push(const struct arguments *arguments, struct address_space *space, uint32_t *stack);
