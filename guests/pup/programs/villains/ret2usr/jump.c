// The driver calls through a register that holds what the program gave it.
#include "exploit.h"

static int run(const struct vuln_leak *leak) {
    (void)leak;
    vuln(VULN_JUMP, (uintptr_t)payload_call, 0);
    return payload_cs;
}

const struct exploit exploit_jump = {"jump", run, payload_call};
