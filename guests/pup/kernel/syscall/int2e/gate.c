// System calls by INT 0x2E, as in Windows NT: number in EAX, EDX points to the arguments on the user stack.
#include "arch/trap.h"
#include "memory/user_memory.h"
#include "syscall/gate.h"
#include "syscall/system_call.h"

static void enter(struct trap_frame *frame) {
    uint32_t arguments[ARGUMENT_COUNT];
    int error = copy_from_user(arguments, frame->edx, sizeof arguments);
    frame->eax = error ? error : do_system_call(frame, frame->eax, arguments);
}

void syscall_gate_init(void) { trap_set_handler(0x2e, enter, true); }
void syscall_gate_set_stack(uint32_t stack_top) { (void)stack_top; } // the CPU takes it from the TSS
