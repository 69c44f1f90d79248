// villains.ko: drivers that no kernel should have, for monitors to find. Each is a device of its own.
#include <linux/miscdevice.h>
#include <linux/module.h>
#include "drivers.h"

static struct miscdevice devices[] = {
    {.minor = MISC_DYNAMIC_MINOR, .name = "hang", .fops = &hang_operations},
    {.minor = MISC_DYNAMIC_MINOR, .name = "hook", .fops = &hook_operations},
    {.minor = MISC_DYNAMIC_MINOR, .name = "rootkit", .fops = &rootkit_operations},
    {.minor = MISC_DYNAMIC_MINOR, .name = "vuln", .fops = &vuln_operations, .mode = 0666},
};

static void remove(int count) {
    while (count-- > 0) misc_deregister(&devices[count]);
}

int init_module(void) {
    for (int i = 0; i < ARRAY_SIZE(devices); i++) {
        int error = misc_register(&devices[i]);
        if (!error) continue;
        remove(i);
        return error;
    }
    return 0;
}

void cleanup_module(void) {
    hook_release();
    vuln_release();
    rootkit_restore();
    remove(ARRAY_SIZE(devices));
}

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("Wolfden's villains: hangs, a keyboard hook, a rootkit and a vulnerable driver");
