// The name is a heap object that the process structure points to.
#pragma once
#include "names/names.h"

struct process_name {
    char *text;
};

static inline const char *name_text(const struct process_name *name) { return name->text ? name->text : "?"; }
