// System calls by INT 0x80, as in Linux: number in EAX, arguments in EBX, ECX, EDX.
#include "arch/trap.h"
#include "syscall/gate.h"
#include "syscall/system_call.h"

static void enter(struct trap_frame *frame) {
    uint32_t arguments[ARGUMENT_COUNT] = {frame->ebx, frame->ecx, frame->edx};
    frame->eax = do_system_call(frame, frame->eax, arguments);
}

void syscall_gate_init(void) { trap_set_handler(0x80, enter, true); }
void syscall_gate_set_stack(uint32_t stack_top) { (void)stack_top; } // the CPU takes it from the TSS
