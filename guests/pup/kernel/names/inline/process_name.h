// The name is part of the process structure.
#pragma once
#include "abi/structures.h"
#include "names/names.h"

struct process_name {
    char text[NAME_LENGTH];
};

static inline const char *name_text(const struct process_name *name) { return name->text; }
