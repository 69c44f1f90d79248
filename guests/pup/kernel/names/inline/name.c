// Names inside the process structure.
#include "lib/string.h"
#include "process_name.h"

int name_set(struct process_name *name, const char *text) {
    string_copy(name->text, text, sizeof name->text);
    return 0;
}

void name_free(struct process_name *name) { (void)name; }
