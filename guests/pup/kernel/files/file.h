// Open files.
#pragma once
#include <stdint.h>

struct file;

struct file_operations {
    // Buffers are user memory that has been checked, or kernel memory. Null means: not possible.
    int (*read)(struct file *file, char *buffer, uint32_t length);
    int (*write)(struct file *file, const char *buffer, uint32_t length);
    int (*control)(struct file *file, uint32_t operation, uint32_t argument);
    void (*close)(struct file *file);
    void (*open)(struct file *file); // devices only
};

struct file {
    const struct file_operations *operations;
    int references;
    uint32_t position;
    void *object; // the archive entry, pipe or device
};

// A file with one reference, or null if out of memory.
struct file *file_create(const struct file_operations *operations, void *object);
void file_release(struct file *file);
// Opens a file of the archive, a folder (reads as names, one per line) or a device. Null and a negated error if it fails.
struct file *file_open(const char *path, int *error);
