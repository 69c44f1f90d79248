// The strings that a program is started with: collected from the old address space, laid out on the new stack.
#include "process/arguments.h"
#include "abi/errors.h"
#include "lib/string.h"
#include "memory/user_memory.h"
#include "paging/paging.h"

int arguments_add(struct arguments *arguments, const char *text) {
    uint32_t length = string_length(text) + 1;
    if (arguments->count == ARGUMENTS_MAX || arguments->used + length > ARGUMENTS_SIZE) return -E2BIG;
    arguments->offsets[arguments->count++] = arguments->used;
    memcpy(arguments->text + arguments->used, text, length);
    arguments->used += length;
    return 0;
}

int arguments_from_user(struct arguments *arguments, uint32_t array) {
    for (;; array += sizeof array) {
        uint32_t string;
        int error = copy_from_user(&string, array, sizeof string);
        if (error) return error;
        if (!string) return 0;
        if (arguments->count == ARGUMENTS_MAX) return -E2BIG;
        char *to = arguments->text + arguments->used;
        error = string_from_user(to, string, ARGUMENTS_SIZE - arguments->used);
        if (error) return error;
        arguments->offsets[arguments->count++] = arguments->used;
        arguments->used += string_length(to) + 1;
    }
}

int arguments_push(const struct arguments *arguments, struct address_space *space, uint32_t *stack) {
    uint32_t frame;
    int error = space_add_page(space, STACK_TOP - PAGE_SIZE, true, &frame);
    if (error) return error;
    char *page = to_virtual(frame);
    uint32_t text = (PAGE_SIZE - arguments->used) & ~3u;
    memcpy(page + text, arguments->text, arguments->used);
    uint32_t user_page = STACK_TOP - PAGE_SIZE;
    uint32_t vector = text - (arguments->count + 1) * 4;
    uint32_t *words = (uint32_t *)(page + vector);
    for (uint32_t i = 0; i < arguments->count; i++) words[i] = user_page + text + arguments->offsets[i];
    words[-1] = user_page + vector;
    words[-2] = arguments->count;
    *stack = user_page + vector - 8;
    return 0;
}
