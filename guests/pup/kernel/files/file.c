// Open files, and the one place that knows what kinds of path there are.
#include "files/file.h"
#include "abi/errors.h"
#include "drivers/device.h"
#include "files/archive.h"
#include "files/folder.h"
#include "lib/string.h"
#include "memory/heap.h"

struct file *file_create(const struct file_operations *operations, void *object) {
    struct file *file = heap_allocate(sizeof *file);
    if (file) *file = (struct file){operations, 1, 0, object};
    return file;
}

void file_release(struct file *file) {
    if (--file->references) return;
    if (file->operations->close) file->operations->close(file);
    heap_free(file, sizeof *file);
}

struct file *file_open(const char *path, int *error) {
    const struct archive_file *entry = archive_find(path);
    if (entry) {
        *error = -ENOMEM;
        return file_create(&archive_operations, (void *)entry);
    }
    const struct device *device = string_begins(path, "/dev/") ? device_find(path + 5) : 0;
    return device ? device_open(device, error) : folder_open(path, error);
}
