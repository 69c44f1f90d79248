// Switch by the CPU: a far jump to a TSS saves and loads all registers and CR3 (Intel SDM vol. 3, 8.3).
#include "abi/errors.h"
#include "arch/cpu.h"
#include "arch/selectors.h"
#include "arch/trap.h"
#include "current.h"
#include "memory/heap.h"
#include "paging/paging.h"
#include "process/process.h"
#include "truth/truth.h"

extern char trap_return[];

static uint16_t free_selector(void) {
    for (unsigned slot = FIRST_TASK / 8; slot < GDT_ENTRIES; slot++)
        if (!gdt[slot]) return slot * 8;
    return 0;
}

int context_create(struct task *task) {
    struct task_state *state = heap_allocate(sizeof *state);
    uint16_t selector = free_selector();
    if (!state) return -ENOMEM;
    if (!selector) {
        heap_free(state, sizeof *state);
        return -EAGAIN;
    }
    state->esp0 = (uint32_t)task_stack_top(task);
    state->ss0 = state->ss = state->ds = state->es = KERNEL_DATA;
    state->gs = CURRENT_SEGMENT;
    state->cs = KERNEL_CODE;
    state->eflags = EFLAGS_RESERVED;
    state->io_map = sizeof *state;
    gdt_set_task(selector, state);
    task->context = (struct task_context){state, selector};
    return 0;
}

void context_destroy(struct task *task) {
    gdt[task->context.selector / 8] = 0;
    heap_free(task->context.state, sizeof *task->context.state);
}

// The boot flow runs on the boot TSS; LTR makes its own one the place where the CPU will save it.
void context_adopt(struct task *task) {
    task->context.state->cr3 = task_process(task)->space.root;
    asm volatile("ltr %0" ::"r"(task->context.selector));
}

void context_prepare(struct task *task) {
    task->context.state->eip = (uint32_t)trap_return;
    task->context.state->esp = (uint32_t)task_frame(task);
    task->context.state->cr3 = task_process(task)->space.root;
}

void context_set_root(struct task *task, uint32_t root) {
    task->context.state->cr3 = root; // the CPU loads this field at a switch, but never saves to it
    paging_activate(root);
}

void context_switch(struct task *from, struct task *to) {
    (void)from;
    struct {
        uint32_t ignored_offset;
        uint16_t selector;
    } __attribute__((packed)) target = {0, to->context.selector};
    current_set(to);
    truth.cr3_writes++; // by the CPU
    asm volatile("ljmp *%0" ::"m"(target) : "memory");
    asm volatile("clts"); // the switch set CR0.TS
}
