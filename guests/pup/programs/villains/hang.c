// hang KIND: makes the driver /dev/hang hang the kernel (kernel/drivers/hang.c), or hangs itself without one.
#include "lib/stuck.h"

static const char *const kinds[HANG_COUNT] = {
    [HANG_LOOP_ON] = "loop-on",           [HANG_LOOP_OFF] = "loop-off",         [HANG_DOUBLE_LOCK] = "double-lock",
    [HANG_LOST_UNLOCK] = "lost-unlock",   [HANG_LOST_WAKEUP] = "lost-wakeup",   [HANG_CORRUPT_LIST] = "corrupt-list",
    [HANG_TIMER_OFF] = "timer-off",       [HANG_LIVELOCK] = "livelock",         [HANG_STORM] = "storm",
};

int main(int argc, char **argv) {
    const char *wanted = argc > 1 ? argv[1] : "";
    if (equal(wanted, "polite")) confess("hang", "kind=polite scope=process"), polite();
    if (equal(wanted, "deadlock")) confess("hang", "kind=deadlock scope=process"), deadlock();
    for (int kind = 0; kind < HANG_COUNT; kind++) {
        if (!equal(wanted, kinds[kind])) continue;
        bool partial = kind == HANG_LOST_UNLOCK || kind == HANG_LOST_WAKEUP;
        confess("hang", "kind=%s scope=%s", wanted, partial ? "partial" : "full");
        control(open("/dev/hang"), kind, 0);
        while (kind == HANG_TIMER_OFF) continue; // now nothing can take the CPU away
        return 0;
    }
    for (int kind = 0; kind < HANG_COUNT; kind++) print("%s ", kinds[kind]);
    print("polite deadlock\n");
    return complain("hang", -EINVAL);
}
