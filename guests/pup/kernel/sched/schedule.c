// Giving the CPU to tasks.
#include "sched/schedule.h"
#include "clock/clock.h"
#include "console/console.h"
#include "current.h"
#include "memory/frames.h"
#include "memory/heap.h"
#include "paging/paging.h"
#include "syscall/gate.h"
#include "truth/truth.h"

bool reschedule_wanted;
struct task *idle_task;
extern char boot_stack[];

void make_ready(struct task *task) {
    task->status = TASK_READY;
    policy_add(task);
}

static void switch_task(struct task *from, struct task *to) {
    if (to == from) return;
    truth.switches++;
    syscall_gate_set_stack((uint32_t)task_stack_top(to));
    context_switch(from, to);
}

void schedule(void) {
    reschedule_wanted = false;
    struct task *next = policy_take();
    switch_task(current_task(), next ? next : idle_task);
}

void yield(void) {
    make_ready(current_task());
    schedule();
}

void scheduler_init(void) {
    current_init();
    struct task *task = task_create(0);
    if (!task) panic("no memory for the idle task");
    frame_free(to_physical(task->stack));
    task->stack = boot_stack;
    current_bind(task);
    current_set(task);
    idle_task = task;
    struct process *process = task_process(task);
    process->space.root = kernel_root;
    name_set(&process->name, "idle");
    context_adopt(task);
}

void idle(void) {
    for (;;) {
        struct task *next = policy_take();
        if (next)
            switch_task(idle_task, next);
        else
            clock_idle();
    }
}
