// Pipes: a ring of bytes in one page, and two queues of tasks.
#include "files/pipe.h"
#include "abi/errors.h"
#include "memory/frames.h"
#include "memory/heap.h"
#include "paging/paging.h"
#include "sched/wait_queue.h"

struct pipe {
    char *ring; // one page
    uint32_t written, taken; // in total; their difference is what is inside
    bool has_reader, has_writer;
    struct wait_queue readers, writers;
};

static int read(struct file *file, char *buffer, uint32_t length) {
    struct pipe *pipe = file->object;
    while (pipe->written == pipe->taken) {
        if (!pipe->has_writer) return 0;
        int error = wait_in(&pipe->readers);
        if (error) return error;
    }
    uint32_t count = 0;
    while (count < length && pipe->taken != pipe->written) buffer[count++] = pipe->ring[pipe->taken++ & PAGE_MASK];
    wake_all(&pipe->writers);
    return count;
}

static int write(struct file *file, const char *buffer, uint32_t length) {
    struct pipe *pipe = file->object;
    for (uint32_t count = 0; count < length;) {
        if (!pipe->has_reader) return -EPIPE;
        if (pipe->written - pipe->taken == PAGE_SIZE) {
            int error = wait_in(&pipe->writers);
            if (error) return error;
            continue;
        }
        pipe->ring[pipe->written++ & PAGE_MASK] = buffer[count++];
        wake_all(&pipe->readers);
    }
    return length;
}

static void free_if_unused(struct pipe *pipe) {
    if (pipe->has_reader || pipe->has_writer) return;
    frame_free(to_physical(pipe->ring));
    heap_free(pipe, sizeof *pipe);
}

static void close_read_end(struct file *file) {
    struct pipe *pipe = file->object;
    pipe->has_reader = false;
    wake_all(&pipe->writers);
    free_if_unused(pipe);
}

static void close_write_end(struct file *file) {
    struct pipe *pipe = file->object;
    pipe->has_writer = false;
    wake_all(&pipe->readers);
    free_if_unused(pipe);
}

static const struct file_operations read_operations = {.read = read, .close = close_read_end};
static const struct file_operations write_operations = {.write = write, .close = close_write_end};

int pipe_create(struct file **read_end, struct file **write_end) {
    struct pipe *pipe = heap_allocate(sizeof *pipe);
    uint32_t frame = pipe ? frame_allocate() : 0;
    if (!frame) {
        if (pipe) heap_free(pipe, sizeof *pipe);
        return -ENOMEM;
    }
    *pipe = (struct pipe){.ring = to_virtual(frame)};
    // The ends that exist are marked, so that releasing one on failure frees the rest.
    *read_end = file_create(&read_operations, pipe);
    *write_end = file_create(&write_operations, pipe);
    pipe->has_reader = *read_end;
    pipe->has_writer = *write_end;
    if (*read_end && *write_end) return 0;
    if (*read_end) file_release(*read_end);
    else if (*write_end) file_release(*write_end);
    else free_if_unused(pipe);
    return -ENOMEM;
}
