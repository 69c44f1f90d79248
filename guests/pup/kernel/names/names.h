// The variation point "names": where a process keeps its name. Each value's folder has process_name.h and name.c.
#pragma once

struct process_name;

int name_set(struct process_name *name, const char *text); // 0 or -ENOMEM; replaces and frees an older one
void name_free(struct process_name *name);
