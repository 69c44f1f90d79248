// The interrupt descriptor table and what happens on each vector (Intel SDM vol. 3, chapter 6).
#include "arch/trap.h"
#include "arch/cpu.h"
#include "arch/pic.h"
#include "arch/selectors.h"
#include "console/console.h"
#include "current.h"
#include "memory/fault.h"
#include "process/exit.h"
#include "sched/schedule.h"
#include "truth/truth.h"

enum { GATE_INTERRUPT = 0x8e, GATE_USER = 0x60, STUB_SIZE = 16 };

uint64_t idt[VECTOR_COUNT] __attribute__((aligned(16)));
static trap_handler handlers[VECTOR_COUNT];
extern char trap_stubs[];

static const char *const exception_names[] = {
    "divide error",        "debug",          "nmi",           "breakpoint",      "overflow",
    "bound",               "invalid opcode", "no fpu",        "double fault",    "fpu segment",
    "invalid TSS",         "no segment",     "stack segment", "general protection", "page fault",
    "reserved",            "fpu error",      "alignment",     "machine check",   "simd error"};

static void set_gate(unsigned vector, bool user) {
    uint32_t offset = (uint32_t)trap_stubs + vector * STUB_SIZE;
    uint32_t access = GATE_INTERRUPT | (user ? GATE_USER : 0);
    uint32_t high = (offset & 0xffff0000) | access << 8;
    idt[vector] = (uint64_t)high << 32 | KERNEL_CODE << 16 | (offset & 0xffff);
}

void trap_set_handler(unsigned vector, trap_handler handler, bool user) {
    handlers[vector] = handler;
    set_gate(vector, user);
}

// A program that faults is killed, the kernel goes on. A fault in the kernel is a bug; it costs the program that ran
// into it its life, and the kernel only if there is no such program.
static void exception(struct trap_frame *frame) {
    const char *name = frame->vector < sizeof exception_names / sizeof *exception_names
                           ? exception_names[frame->vector]
                           : "unexpected interrupt";
    uint32_t address = frame->vector == VECTOR_PAGE_FAULT ? read_cr2() : 0;
    bool user = trap_from_user(frame);
    if (current_task() == idle_task) panic("%s in the idle task at %x, address %x", name, frame->eip, address);
    struct process *process = task_process(current_task());
    console_print("pup: process %d (%s) killed: %s%s at %x, address %x\n", process->pid, name_text(&process->name), name,
                  user ? "" : " in the kernel", frame->eip, address);
    exit_process(EXIT_CRASHED + frame->vector);
}

// The C side of trap_entry.
void trap_dispatch(struct trap_frame *frame) {
    truth.interrupts[frame->vector]++;
    if (frame->vector == VECTOR_PAGE_FAULT && page_fault(frame)) {
        // resolved: the instruction runs again
    } else if (handlers[frame->vector]) {
        handlers[frame->vector](frame);
    } else {
        exception(frame);
    }
    if (trap_from_user(frame)) before_user_mode();
}

void before_user_mode(void) {
    if (reschedule_wanted) yield();
    if (task_process(current_task())->killed) exit_thread();
}

void traps_init(void) {
    for (unsigned vector = 0; vector < VECTOR_COUNT; vector++) set_gate(vector, false);
    struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) pointer = {sizeof idt - 1, (uint32_t)idt};
    asm volatile("lidt %0" ::"m"(pointer));
}
