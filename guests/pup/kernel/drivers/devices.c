// The table of devices.
#include "abi/errors.h"
#include "drivers/device.h"
#include "lib/string.h"

extern const struct file_operations console_operations, serial_operations, null_operations, zero_operations,
    keyboard_operations, hook_operations, rootkit_operations, hang_operations, vuln_operations;

struct device devices[] = {
    {"console", &console_operations}, // keyboard and screen, and the serial line
    {"hang", &hang_operations},       // hangs the kernel in ways to choose from
    {"hook", &hook_operations},       // taps the keyboard inside the kernel
    {"kbd", &keyboard_operations},    // raw scancodes, for everyone who asks
    {"null", &null_operations},
    {"rootkit", &rootkit_operations}, // hides processes
    {"serial", &serial_operations},   // the serial line alone
    {"vuln", &vuln_operations},       // full of holes
    {"zero", &zero_operations},
    {0, 0},
};

const struct device *device_find(const char *name) {
    for (const struct device *device = devices; device->name; device++)
        if (string_equal(device->name, name)) return device;
    return 0;
}

struct file *device_open(const struct device *device, int *error) {
    *error = -ENOMEM;
    struct file *file = file_create(device->operations, 0);
    if (file && device->operations->open) device->operations->open(file);
    return file;
}
