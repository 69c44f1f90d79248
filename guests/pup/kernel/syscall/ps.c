// The system call behind ps: fills an array of struct process_info, oldest process first. Returns how many.
#include "abi/errors.h"
#include "current.h"
#include "lib/string.h"
#include "memory/user_memory.h"
#include "syscall/calls.h"

static char state_letter(const struct process *process) {
    if (process->zombie) return 'Z';
    for (const struct task *task = process->tasks; task; task = task->process_next)
        if (task->status == TASK_READY) return 'R';
    return 'S';
}

static struct process_info describe(const struct process *process) {
    struct process_info info = {.pid = process->pid,
                                .parent = process->parent ? process->parent->pid : 0,
                                .threads = process->threads,
                                .state = state_letter(process),
                                .ticks = process->truth.ticks,
                                .system_calls = process->truth.system_calls,
                                .pages = process->space.pages};
    string_copy(info.name, name_text(&process->name), sizeof info.name);
    return info;
}

int call_ps(struct trap_frame *frame, const uint32_t *arguments) {
    (void)frame;
    uint32_t to = arguments[0], room = arguments[1], count = 0;
    struct process *process = all_processes;
    while (process && process->next) process = process->next; // new ones are put in front
    for (; process && count < room; process = process->previous) {
        if (process->hidden) continue;
        struct process_info info = describe(process);
        int error = copy_to_user(to + count * sizeof info, &info, sizeof info);
        if (error) return error;
        count++;
    }
    return count;
}
