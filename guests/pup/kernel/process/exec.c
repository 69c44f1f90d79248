// Running another program in the same process: everything is made ready beside the old program, so that a failure
// leaves that one unharmed.
#include "process/exec.h"
#include "abi/errors.h"
#include "arch/cpu.h"
#include "arch/selectors.h"
#include "current.h"
#include "files/archive.h"
#include "lib/string.h"
#include "memory/frames.h"
#include "memory/user_memory.h"
#include "paging/paging.h"
#include "process/arguments.h"
#include "process/elf.h"
#include "truth/truth.h"

static const char *last_part(const char *path) {
    const char *part = path;
    for (; *path; path++)
        if (*path == '/') part = path + 1;
    return part;
}

static void enter_program(struct trap_frame *frame, uint32_t entry, uint32_t stack) {
    *frame = (struct trap_frame){.ds = USER_DATA, .es = USER_DATA, .fs = USER_DATA, .gs = USER_DATA,
                                 .vector = frame->vector, .eip = entry, .cs = USER_CODE,
                                 .eflags = EFLAGS_INTERRUPT | EFLAGS_RESERVED, .esp = stack, .ss = USER_DATA};
}

static int replace_program(struct task *task, struct trap_frame *frame, const char *path, const struct arguments *arguments) {
    const struct archive_file *file = archive_find(path);
    if (!file) return -ENOENT;
    struct address_space space;
    uint32_t entry, stack;
    int error = space_create(&space);
    if (error) return error;
    error = elf_load(archive_data(file), file->size, &space, &entry);
    if (!error) error = arguments_push(arguments, &space, &stack);
    struct process *process = task_process(task);
    if (!error) error = name_set(&process->name, last_part(path));
    if (error) {
        space_destroy(&space);
        return error;
    }
    if (task == current_task()) context_set_root(task, space.root);
    space_destroy(&process->space);
    process->space = space;
    enter_program(frame, entry, stack);
    truth_executed(process, path);
    return 0;
}

int exec_program(struct trap_frame *frame, uint32_t path, uint32_t array) {
    char name[64];
    int error = string_from_user(name, path, sizeof name);
    if (error) return error;
    if (task_process(current_task())->threads > 1) return -EINVAL; // the others would lose their memory
    uint32_t buffer = frame_allocate_zeroed();
    if (!buffer) return -ENOMEM;
    struct arguments *arguments = to_virtual(buffer);
    error = arguments_from_user(arguments, array);
    if (!error) error = replace_program(current_task(), frame, name, arguments);
    frame_free(buffer);
    return error;
}

int exec_first(struct task *task, struct trap_frame *frame, const char *path, const char *argument) {
    static struct arguments arguments;
    int error = arguments_add(&arguments, path);
    if (!error && *argument) error = arguments_add(&arguments, argument);
    return error ? error : replace_program(task, frame, path, &arguments);
}
