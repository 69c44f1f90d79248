// Names on the heap.
#include "abi/errors.h"
#include "abi/structures.h"
#include "lib/string.h"
#include "memory/heap.h"
#include "process_name.h"

int name_set(struct process_name *name, const char *text) {
    char *copy = heap_allocate(NAME_LENGTH);
    if (!copy) return -ENOMEM;
    string_copy(copy, text, NAME_LENGTH);
    name_free(name);
    name->text = copy;
    return 0;
}

void name_free(struct process_name *name) {
    if (name->text) heap_free(name->text, NAME_LENGTH);
    name->text = 0;
}
