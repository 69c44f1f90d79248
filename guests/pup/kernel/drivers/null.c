// /dev/null and /dev/zero.
#include "files/file.h"
#include "lib/string.h"

static int read_nothing(struct file *file, char *buffer, uint32_t length) {
    (void)file, (void)buffer, (void)length;
    return 0;
}

static int read_zeros(struct file *file, char *buffer, uint32_t length) {
    (void)file;
    memset(buffer, 0, length);
    return length;
}

static int swallow(struct file *file, const char *buffer, uint32_t length) {
    (void)file, (void)buffer;
    return length;
}

const struct file_operations null_operations = {.read = read_nothing, .write = swallow};
const struct file_operations zero_operations = {.read = read_zeros, .write = swallow};
