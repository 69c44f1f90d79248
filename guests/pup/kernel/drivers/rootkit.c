// /dev/rootkit: hides processes from ps, in the two classic ways. "Unlink" takes the process out of the kernel's list
// (direct kernel object manipulation): the scheduler does not use that list, so the process runs on. "Filter" leaves the
// list alone and makes the system call lie.
#include "abi/errors.h"
#include "abi/structures.h"
#include "files/file.h"
#include "process/process.h"

static struct process *unlinked;

static void unlink(struct process *process) {
    if (process->previous)
        process->previous->next = process->next;
    else
        all_processes = process->next;
    if (process->next) process->next->previous = process->previous;
    process->next = process->previous = 0;
    unlinked = process;
}

static void relink(void) {
    if (!unlinked) return;
    unlinked->next = all_processes;
    if (all_processes) all_processes->previous = unlinked;
    all_processes = unlinked;
    unlinked = 0;
}

static int control(struct file *file, uint32_t operation, uint32_t pid) {
    (void)file;
    if (operation == ROOTKIT_RESTORE) {
        relink();
        for (struct process *process = all_processes; process; process = process->next) process->hidden = false;
        return 0;
    }
    struct process *process = process_find(pid);
    if (!process) return -ESRCH;
    if (operation == ROOTKIT_FILTER)
        process->hidden = true;
    else if (operation == ROOTKIT_UNLINK && !unlinked)
        unlink(process);
    else
        return -EINVAL;
    return 0;
}

const struct file_operations rootkit_operations = {.control = control};
