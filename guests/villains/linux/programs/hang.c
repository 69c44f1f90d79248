// hang KIND: hangs the guest from user space, as far as Linux lets a superuser, or asks the driver /dev/hang to do it in the kernel.
#include "lib/villain.h"
#include "programs/lib/stuck.h"
#include "../module/requests.h"

enum { FIFO = 1, PIC_MASK = 0x21, TIMER = 1 << 0, KEYBOARD = 1 << 1 };

__attribute__((noreturn)) static void spin(void) {
    for (;;) continue;
}

// Full: a real-time process computes, and the kernel's brake for that is off.
static void realtime(void) {
    int brake = open("/proc/sys/kernel/sched_rt_runtime_us", WRITE_ONLY);
    write(brake, "-1", 2);
    close(brake);
    int priority = 99;
    linux_call(SYS_SETSCHEDULER, 0, FIFO, (uintptr_t)&priority, 0);
    spin();
}

// Partial: the timer's interrupt is masked at the controller, again and again, because the kernel unmasks it with each other interrupt.
// Nothing takes the CPU from this program any more but those.
static void timer_off(void) {
    iopl(3);
    for (;;) out8(PIC_MASK, in8(PIC_MASK) | TIMER);
}

// Partial: only those who wait for keys wait for ever.
static void keyboard_off(void) {
    iopl(3);
    out8(PIC_MASK, in8(PIC_MASK) | KEYBOARD);
}

static const struct kind {
    const char *name, *scope;
    void (*run)(void);
} kinds[] = {
    {"realtime", "full", realtime}, {"timer-off", "partial", timer_off},   {"keyboard-off", "partial", keyboard_off},
    {"polite", "process", polite},  {"deadlock", "process", deadlock},
};

// Of the driver, in the order of its requests.
static const char *const driver_kinds[HANG_END - HANG_FIRST] = {HANG_NAMES};

int main(int argc, char **argv) {
    const char *wanted = argc > 1 ? argv[1] : "";
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!equal(wanted, kinds[i].name)) continue;
        confess("hang", "kind=%s scope=%s", wanted, kinds[i].scope);
        kinds[i].run();
        return 0;
    }
    for (int request = HANG_FIRST; request < HANG_END; request++) {
        if (!equal(wanted, driver_kinds[request - HANG_FIRST])) continue;
        int driver = open("/dev/hang", READ_WRITE);
        if (driver < 0) return fail("hang", "/dev/hang", driver);
        bool partial = request == HANG_LOST_UNLOCK || request == HANG_LOST_WAKEUP;
        confess("hang", "kind=%s scope=%s", wanted, partial ? "partial" : "full");
        control(driver, request, 0);
        return 0;
    }
    return fail("hang", "kind", -22);
}
