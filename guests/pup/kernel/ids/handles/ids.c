// Process ids are handles: an index into a table, times 4, with a generation above it so that a stale handle is noticed.
#include "ids/ids.h"
#include "process/process.h"

enum { SLOTS = 256, GENERATION_SHIFT = 16, INDEX_MASK = 0xffff, LAST_GENERATION = 0x7fff };

static struct process *table[SLOTS];
static unsigned short generations[SLOTS];

static unsigned index_of(int id) { return (id & INDEX_MASK) / 4; }

int id_allocate(struct process *process) {
    for (unsigned i = 1; i < SLOTS; i++) {
        if (table[i]) continue;
        table[i] = process;
        generations[i] = generations[i] % LAST_GENERATION + 1;
        return generations[i] << GENERATION_SHIFT | i * 4;
    }
    return 0;
}

void id_release(int id) { table[index_of(id)] = 0; }

struct process *id_lookup(int id) {
    unsigned index = index_of(id);
    return index < SLOTS && table[index] && table[index]->pid == id ? table[index] : 0;
}
