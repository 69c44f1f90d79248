// The read-only file system: files.
#include "files/archive.h"
#include "lib/string.h"

extern const struct archive {
    uint32_t count;
    struct archive_file files[];
} archive;

const struct archive_file *archive_find(const char *path) {
    for (uint32_t i = 0; i < archive.count; i++)
        if (string_equal(archive.files[i].path, path)) return &archive.files[i];
    return 0;
}

const char *archive_data(const struct archive_file *file) { return (const char *)&archive + file->offset; }

static int read(struct file *file, char *buffer, uint32_t length) {
    const struct archive_file *entry = file->object;
    uint32_t left = entry->size - file->position;
    if (length > left) length = left;
    memcpy(buffer, archive_data(entry) + file->position, length);
    file->position += length;
    return length;
}

const struct file_operations archive_operations = {.read = read};

const struct archive_file *archive_next(const struct archive_file *file) {
    const struct archive_file *next = file ? file + 1 : archive.files;
    return next < archive.files + archive.count ? next : 0;
}
