// The read-only file system: an archive that the build links into the kernel (written by ../../archive.ts).
#pragma once
#include <stdint.h>
#include "files/file.h"

enum { PATH_LENGTH = 24 };

struct archive_file {
    char path[PATH_LENGTH]; // absolute, ends with 0
    uint32_t offset, size;  // of the data, from the start of the archive
};

extern const struct file_operations archive_operations;

// Null if there is no such file.
const struct archive_file *archive_find(const char *path);
const char *archive_data(const struct archive_file *file);
// The file after `file`, the first for null; null at the end. In the order of their paths.
const struct archive_file *archive_next(const struct archive_file *file);
