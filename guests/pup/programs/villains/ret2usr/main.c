// ret2usr KIND|all: exploits that make the kernel run code of this program. Reports "armed" before, and what the payload
// saw after; an exploit that is stopped never gets to say the second.
#include "exploit.h"

static const struct exploit *const exploits[] = {
    &exploit_fnptr,  &exploit_partial, &exploit_syscall_table, &exploit_idt,   &exploit_gdt,     &exploit_return,
    &exploit_iret,   &exploit_jump,    &exploit_usermap,       &exploit_timer, &exploit_fileops, &exploit_ret2dir};

enum { KINDS = sizeof exploits / sizeof *exploits };

void announce(const char *name, uintptr_t payload) {
    confess("ret2usr", "kind=%s stage=armed page=%x", name, payload & ~0xfffu);
}

static int attack(const struct exploit *exploit) {
    struct vuln_leak leak;
    int device = open("/dev/vuln");
    control(device, VULN_LEAK, (uintptr_t)&leak);
    close(device);
    if (exploit->payload) announce(exploit->name, (uintptr_t)exploit->payload);
    int cs = exploit->run(&leak);
    if (cs == NOT_HERE) {
        confess("ret2usr", "kind=%s stage=impossible", exploit->name);
        return 1;
    }
    confess("ret2usr", "kind=%s stage=ran cs=%x cpl=%d", exploit->name, cs, cs & 3);
    return 0;
}

// Each in a process of its own: being stopped may mean being killed.
static void all(void) {
    for (int i = 0; i < KINDS; i++) {
        if (fork() == 0) exit(attack(exploits[i]));
        wait(0);
    }
}

int main(int argc, char **argv) {
    if (argc > 1 && !equal(argv[1], "all")) {
        for (int i = 0; i < KINDS; i++)
            if (equal(argv[1], exploits[i]->name)) return attack(exploits[i]);
        return complain(argv[1], -EINVAL);
    }
    all();
    return 0;
}
