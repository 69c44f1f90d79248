// Switch in software: one TSS for the whole machine, whose ESP0 follows the task (Intel SDM vol. 3, 8.2.1).
#include "arch/gdt.h"
#include "arch/trap.h"
#include "current.h"
#include "paging/paging.h"
#include "process/process.h"

// What swap_stacks leaves on the stack of a task at rest.
struct resting_stack {
    uint32_t edi, esi, ebx, ebp, return_address;
};

extern char trap_return[];
void swap_stacks(uint32_t *save_stack_pointer, uint32_t stack_pointer);

int context_create(struct task *task) {
    (void)task;
    return 0;
}

void context_destroy(struct task *task) { (void)task; }
void context_adopt(struct task *task) { (void)task; }

void context_prepare(struct task *task) {
    struct resting_stack *rest = (struct resting_stack *)task_frame(task) - 1;
    *rest = (struct resting_stack){.return_address = (uint32_t)trap_return};
    task->context.stack_pointer = (uint32_t)rest;
}

void context_set_root(struct task *task, uint32_t root) {
    (void)task;
    paging_activate(root);
}

void context_switch(struct task *from, struct task *to) {
    uint32_t root = task_process(to)->space.root;
    boot_task_state.esp0 = (uint32_t)task_stack_top(to);
    // Threads of one process share the address space: no reason to lose the TLB.
    if (root != task_process(from)->space.root) paging_activate(root);
    current_set(to);
    swap_stacks(&from->context.stack_pointer, to->context.stack_pointer);
}
