// Makes tasks by copying the bootstrap task: they share its records of truth and can report to it, nothing else.
#include "crew.h"
#include "console.h"
#include "mach/kernel.h"
#include "mach/message.h"
#include "must.h"
#include "truth.h"

/** Stacks of a task's threads, one below the other; far from the program and the first stack, which is copied too. */
enum { STACKS_END = 0x70000000, STACK_SIZE = 4 * PAGE_SIZE, STACK_DISTANCE = 16 * PAGE_SIZE };

/** Of threads.S: calls the function in ESI with EBX, after it has set own_truth to EDI. */
void thread_entry(void);

static port_t self, answers, reports;

/** The ports of the tasks, by their numbers. */
static port_t ports[MAX_TASKS];

void crew_begin(port_t reply) {
    self = mach_task_self();
    answers = reply;
    reports = port_make();
    share_with_children(self, truths, sizeof truths, answers);
    truths[BOOTSTRAP].name = "bootstrap";
    truths[BOOTSTRAP].threads = 1;
}

port_t port_make(void) {
    port_t port;
    must(mach_port_allocate(self, RIGHT_RECEIVE, &port));
    must(mach_port_insert_right(self, port, port, MAKE_SEND));
    return port;
}

struct task task_make(const char *name) {
    struct task task = {.id = task_count++};
    if (task.id >= MAX_TASKS) __builtin_trap();
    must(task_create(self, 1, &task.port));
    ports[task.id] = task.port;
    truths[task.id].name = name;
    task_set_name(task.port, name);
    task_give(task, TO_BOOTSTRAP, reports, COPY_SEND);
    must(task_set_special_port(task.port, TASK_EXCEPTION_PORT, reports));
    line("task");
    field("id", task.id);
    text_field("name", name);
    say();
    return task;
}

void task_give(struct task task, enum child_port name, port_t right, enum disposition disposition) {
    must(mach_port_insert_right(task.port, name, right, disposition));
}

void thread_make(struct task task, role_t role, uint32_t argument) {
    uint32_t number = truths[task.id].threads++;
    uint32_t top = STACKS_END - number * STACK_DISTANCE;
    uint32_t stack = top - STACK_SIZE;
    must(vm_allocate(task.port, &stack, STACK_SIZE, 0));
    line("thread");
    field("task", task.id);
    field("id", number);
    hex_field("stack", top);
    say();
    thread_start(task.port,
                 (struct beginning){
                     .eip = (uint32_t)thread_entry,
                     .esp = top,
                     .ebx = argument,
                     .esi = (uint32_t)role,
                     .edi = (uint32_t)&truths[task.id],
                 },
                 answers);
}

void task_end(struct task task) {
    must(task_terminate(task.port));
    line("ended");
    field("task", task.id);
    say();
}

// Answers who crashed, after having said it; the bootstrap task if none of its children did.
static int say_crash(const struct message *message) {
    int task = task_count - 1;
    while (task > BOOTSTRAP && ports[task] != item(message, 1)) task--;
    line("crash");
    field("task", task);
    field("exception", item(message, 2));
    field("code", item(message, 3));
    hex_field("subcode", item(message, 4));
    say();
    return task;
}

uint32_t finished(int threads) {
    uint32_t sum = 0;
    for (int left = threads; left > 0; left--) {
        struct message message;
        receive(&message, reports);
        if (message.header.id == EXCEPTION) say_crash(&message);
        must(message.header.id != FINISHED);
        sum += item(&message, 0);
    }
    return sum;
}

void crashed(struct task task) {
    struct message message;
    receive(&message, reports);
    must(message.header.id != EXCEPTION);
    must(say_crash(&message) != task.id);
}

void finish(uint32_t found) {
    struct message message;
    port_t reply = mach_reply_port();
    message_begin(&message, TO_BOOTSTRAP, FINISHED);
    add_integer(&message, found);
    call(&message, reply);
    __builtin_trap();
}
