// System calls on files.
#include "abi/errors.h"
#include "current.h"
#include "files/pipe.h"
#include "memory/user_memory.h"
#include "syscall/calls.h"

static struct file **table(void) { return task_process(current_task())->files; }

static struct file *file_at(uint32_t descriptor) { return descriptor < FILES_PER_PROCESS ? table()[descriptor] : 0; }

// The lowest free descriptor gets `file`, which is released if there is none.
static int install(struct file *file) {
    for (int descriptor = 0; descriptor < FILES_PER_PROCESS; descriptor++) {
        if (table()[descriptor]) continue;
        table()[descriptor] = file;
        return descriptor;
    }
    file_release(file);
    return -EMFILE;
}

int call_open(struct trap_frame *frame, const uint32_t *arguments) {
    (void)frame;
    char path[64];
    int error = string_from_user(path, arguments[0], sizeof path);
    if (error) return error;
    struct file *file = file_open(path, &error);
    return file ? install(file) : error;
}

int call_close(struct trap_frame *frame, const uint32_t *arguments) {
    (void)frame;
    struct file *file = file_at(arguments[0]);
    if (!file) return -EBADF;
    table()[arguments[0]] = 0;
    file_release(file);
    return 0;
}

int call_read(struct trap_frame *frame, const uint32_t *arguments) {
    (void)frame;
    struct file *file = file_at(arguments[0]);
    if (!file || !file->operations->read) return -EBADF;
    int error = user_range(arguments[1], arguments[2], true);
    if (error) return error;
    // Another thread may close the descriptor while this one waits inside.
    file->references++;
    int count = file->operations->read(file, (char *)arguments[1], arguments[2]);
    file_release(file);
    return count;
}

int call_write(struct trap_frame *frame, const uint32_t *arguments) {
    (void)frame;
    struct file *file = file_at(arguments[0]);
    if (!file || !file->operations->write) return -EBADF;
    int error = user_range(arguments[1], arguments[2], false);
    if (error) return error;
    file->references++;
    int count = file->operations->write(file, (const char *)arguments[1], arguments[2]);
    file_release(file);
    return count;
}

int call_pipe(struct trap_frame *frame, const uint32_t *arguments) {
    (void)frame;
    int ends[2], error = user_range(arguments[0], sizeof ends, true);
    struct file *read_end, *write_end;
    if (!error) error = pipe_create(&read_end, &write_end);
    if (error) return error;
    ends[0] = install(read_end);
    ends[1] = install(write_end);
    if (ends[0] < 0 || ends[1] < 0) {
        if (ends[0] >= 0) call_close(frame, (uint32_t *)&ends[0]);
        return -EMFILE;
    }
    return copy_to_user(arguments[0], ends, sizeof ends);
}

// Makes descriptor arguments[1] mean the same as arguments[0].
int call_dup(struct trap_frame *frame, const uint32_t *arguments) {
    struct file *file = file_at(arguments[0]);
    uint32_t to = arguments[1];
    if (!file || to >= FILES_PER_PROCESS) return -EBADF;
    if (table()[to] == file) return to;
    file->references++;
    if (table()[to]) call_close(frame, &to);
    table()[to] = file;
    return to;
}

int call_control(struct trap_frame *frame, const uint32_t *arguments) {
    (void)frame;
    struct file *file = file_at(arguments[0]);
    if (!file || !file->operations->control) return -EBADF;
    return file->operations->control(file, arguments[1], arguments[2]);
}
