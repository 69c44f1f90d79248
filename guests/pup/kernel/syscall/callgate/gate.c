// System calls by a far call through a call gate (Intel SDM vol. 3, 5.8.3), as in System V: number in EAX, the
// arguments where a C function would find them, behind the return address and the number's own place.
#include "syscall/gate.h"
#include "arch/gdt.h"
#include "arch/selectors.h"
#include "arch/trap.h"
#include "memory/user_memory.h"
#include "syscall/system_call.h"

enum { ARGUMENTS_OFFSET = 8 };

extern char callgate_entry[];

// The C side of callgate_entry.
void callgate_dispatch(struct trap_frame *frame) {
    uint32_t arguments[ARGUMENT_COUNT];
    int error = copy_from_user(arguments, frame->esp + ARGUMENTS_OFFSET, sizeof arguments);
    frame->eax = error ? error : do_system_call(frame, frame->eax, arguments);
    before_user_mode();
}

void syscall_gate_init(void) { gdt_set_call_gate(CALL_GATE, (uint32_t)callgate_entry); }

void syscall_gate_set_stack(uint32_t stack_top) { (void)stack_top; } // the CPU takes it from the TSS
