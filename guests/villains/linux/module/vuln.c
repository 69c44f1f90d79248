// /dev/vuln: a driver full of holes, each a kind that real drivers had. It trusts every address and length it is given.
#include <linux/module.h>
#include <linux/uaccess.h>
#include "drivers.h"
#include "requests.h"

static int harmless(void) { return 42; }

struct operations {
    int (*call)(void);
};
static const struct operations own_operations = {harmless};

static int (*volatile handler)(void) = harmless;
static const struct operations *volatile operations = &own_operations;

// overflow.S
void vuln_copy(const void *from, unsigned length);
extern const char vuln_copied[];

static int leak(unsigned long to) {
    struct vuln_leak leak = {.handler_pointer = (unsigned)&handler,
                             .handler = (unsigned)handler,
                             .operations_pointer = (unsigned)&operations,
                             .operations = (unsigned)operations,
                             .overflow_return = (unsigned)vuln_copied};
    return copy_to_user((void __user *)to, &leak, sizeof leak) ? -EFAULT : 0;
}

static long control(struct file *file, unsigned operation, unsigned long argument) {
    struct vuln_request request;
    if (operation == VULN_LEAK) return leak(argument);
    if (copy_from_user(&request, (void __user *)argument, sizeof request)) return -EFAULT;
    switch (operation) {
    case VULN_PEEK:
        return *(unsigned *)request.address;
    case VULN_POKE:
        *(unsigned *)request.address = request.value;
        return 0;
    case VULN_CALL:
        return handler();
    case VULN_OPERATIONS:
        return operations->call();
    case VULN_OVERFLOW:
        vuln_copy((void *)request.address, request.length);
        return 0;
    case VULN_JUMP:
        return ((int (*)(void))request.address)();
    default:
        return -EINVAL;
    }
}

const struct file_operations vuln_operations = {.owner = THIS_MODULE, .unlocked_ioctl = control};
