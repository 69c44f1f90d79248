// The variation point "ids": what a process id looks like.
#pragma once

struct process;

// A new id, never 0 or negative; 0 if the table is full.
int id_allocate(struct process *process);
void id_release(int id);
// The process, or null if there is none with that id (any more).
struct process *id_lookup(int id);
