// Devices: what is found under /dev. A driver is one file with its operations and one line in devices.c.
#pragma once
#include "files/file.h"

struct device {
    const char *name;
    const struct file_operations *operations;
};

// Ends with a null name. Not constant: it lies in writable memory, as the tables of many kernels do.
extern struct device devices[];

const struct device *device_find(const char *name);
struct file *device_open(const struct device *device, int *error);
