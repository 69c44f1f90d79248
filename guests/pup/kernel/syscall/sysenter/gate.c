// System calls by SYSENTER (Intel SDM vol. 2): number in EAX, arguments in EBX, ESI, EDI. The CPU saves nothing, so the
// program leaves its stack pointer in ECX and its return address in EDX.
#include "syscall/gate.h"
#include "arch/cpu.h"
#include "arch/selectors.h"
#include "arch/trap.h"
#include "syscall/system_call.h"

enum { MSR_SYSENTER_CS = 0x174, MSR_SYSENTER_ESP = 0x175, MSR_SYSENTER_EIP = 0x176 };

extern char sysenter_entry[];

// The C side of sysenter_entry.
void sysenter_dispatch(struct trap_frame *frame) {
    uint32_t arguments[ARGUMENT_COUNT] = {frame->ebx, frame->esi, frame->edi};
    frame->eax = do_system_call(frame, frame->eax, arguments);
    before_user_mode();
}

void syscall_gate_init(void) {
    write_msr(MSR_SYSENTER_CS, KERNEL_CODE);
    write_msr(MSR_SYSENTER_EIP, (uint32_t)sysenter_entry);
}

void syscall_gate_set_stack(uint32_t stack_top) { write_msr(MSR_SYSENTER_ESP, stack_top); }
