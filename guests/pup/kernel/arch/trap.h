// What the kernel finds on its stack after any entry: interrupt, exception or system call.
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct trap_frame {
    uint32_t gs, fs, es, ds;
    uint32_t edi, esi, ebp, unused_esp, ebx, edx, ecx, eax; // in the order of PUSHA
    uint32_t vector, error;
    uint32_t eip, cs, eflags;
    uint32_t esp, ss; // pushed by the CPU only when it came from user mode
};

enum { VECTOR_PAGE_FAULT = 14, VECTOR_IRQ = 32, IRQ_COUNT = 16, VECTOR_COUNT = 256 };
// Entries that use no IDT vector (SYSENTER, call gate) put this in its place.
enum { VECTOR_NONE = 256 };

typedef void (*trap_handler)(struct trap_frame *);

// Sets the handler of a vector; `user` lets programs raise it with INT (gate DPL 3).
void trap_set_handler(unsigned vector, trap_handler handler, bool user);
// Fills the IDT and loads it.
void traps_init(void);
// Called on the way back to user mode: the place where tasks are preempted and killed ones die.
void before_user_mode(void);

static inline bool trap_from_user(const struct trap_frame *frame) { return (frame->cs & 3) == 3; }
