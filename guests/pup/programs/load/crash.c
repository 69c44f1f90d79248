// crash KIND|all: programs with bugs. The kernel must kill each of them and go on.
#include "lib/pup.h"

static void null(void) { *(volatile int *)0 = 1; }
static void kernel(void) { *(volatile int *)0xfffff000 = 1; }
static void code(void) { *(volatile char *)&kernel = 1; }
static void divide(void) { asm volatile("divl %0" ::"r"(0), "a"(1), "d"(0)); }
static void opcode(void) { asm volatile("ud2"); }
static void privileged(void) { asm volatile("hlt"); }
static void port(void) { asm volatile("inb $0x60, %%al" ::: "eax"); }
static void jump(void) { ((void (*)(void))0x12345678)(); }
static void gate(void) { asm volatile("int $0x21"); }
static void segment(void) { asm volatile("mov %0, %%ds" ::"r"(0x10)); }

// Deeper than any stack, though the compiler cannot know.
__attribute__((noinline)) static int deeper(volatile int *levels) {
    volatile char room[1024];
    room[0] = 1;
    return --*levels ? deeper(levels) + room[0] : 0;
}
static void stack(void) { deeper(&(volatile int){1000000}); }

static const struct {
    const char *name;
    void (*crash)(void);
} kinds[] = {{"null", null},     {"kernel", kernel}, {"code", code},           {"divide", divide},
             {"opcode", opcode}, {"port", port},     {"privileged", privileged}, {"jump", jump},
             {"gate", gate},     {"stack", stack},   {"segment", segment}};

enum { KINDS = sizeof kinds / sizeof *kinds };

static int all(void) {
    int survived = 0;
    for (int i = 0; i < KINDS; i++) {
        int status = 0, pid = fork();
        if (pid == 0) {
            kinds[i].crash();
            exit(0);
        }
        wait(&status);
        print("crash: %s ended with status %d\n", kinds[i].name, status);
        survived += status == 0;
    }
    return survived;
}

int main(int argc, char **argv) {
    if (argc < 2 || equal(argv[1], "all")) return all();
    for (int i = 0; i < KINDS; i++)
        if (equal(argv[1], kinds[i].name)) kinds[i].crash();
    return complain(argv[1], -EINVAL);
}
