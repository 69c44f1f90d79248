// The counters of processes that are gone: the last 512 of them, in order.
#include "truth/ended.h"
#include "console/serial.h"
#include "lib/string.h"
#include "process/process.h"

enum { KEPT = 512 };

static struct ended {
    int pid, parent;
    char name[NAME_LENGTH];
    int status;
    struct process_truth truth;
} ring[KEPT];
static uint32_t total;

void ended_add(const struct process *process) {
    struct ended *entry = &ring[total++ % KEPT];
    entry->pid = process->pid;
    entry->parent = process->parent ? process->parent->pid : 0;
    string_copy(entry->name, name_text(&process->name), sizeof entry->name);
    entry->status = process->exit_status;
    entry->truth = process->truth;
}

void ended_print(void) {
    for (uint32_t i = total > KEPT ? total - KEPT : 0; i < total; i++) {
        const struct ended *entry = &ring[i % KEPT];
        serial_record("@truth ended pid=%d parent=%d name=%s status=%d syscalls=%u faults=%u ticks=%u\n", entry->pid,
                      entry->parent, entry->name, entry->status, entry->truth.system_calls, entry->truth.page_faults,
                      entry->truth.ticks);
    }
    if (total > KEPT) serial_record("@truth forgotten count=%u\n", total - KEPT);
}
