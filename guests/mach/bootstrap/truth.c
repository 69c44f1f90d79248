// Keeps the records and prints them.
#include "truth.h"
#include "console.h"

// On pages of their own: memory is shared by the page.
struct truth truths[MAX_TASKS] __attribute__((aligned(PAGE_SIZE), section(".bss.shared")));
struct truth *own_truth = &truths[BOOTSTRAP];
int task_count = 1;

static uint32_t calls_of(const struct truth *truth) {
    uint32_t sum = 0;
    for (int number = 0; number < TRAP_LIMIT; number++) sum += truth->calls[number];
    return sum;
}

static void line_of_task(int task) {
    line("truth task");
    field("id", task);
    text_field("name", truths[task].name);
    field("threads", truths[task].threads);
    field("sent", truths[task].sent);
    field("received", truths[task].received);
    field("syscalls", calls_of(&truths[task]));
}

static void lines_of_calls(void) {
    for (int number = 0; number < TRAP_LIMIT; number++) {
        uint32_t count = 0;
        for (int task = 0; task < task_count; task++) count += truths[task].calls[number];
        if (!count) continue;
        line("truth call");
        field("n", number);
        field("count", count);
    }
}

static void line_of_totals(void) {
    uint32_t threads = 0, sent = 0, received = 0, calls = 0;
    for (int task = 0; task < task_count; task++) {
        threads += truths[task].threads;
        sent += truths[task].sent;
        received += truths[task].received;
        calls += calls_of(&truths[task]);
    }
    line("truth total");
    field("tasks", task_count);
    field("threads", threads);
    field("sent", sent);
    field("received", received);
    field("syscalls", calls);
}

// The call that prints and those that come after are counted before they happen: the numbers are those of the whole run.
void truth_print(int calls_to_come) {
    own_truth->calls[TRAP_MACH_MSG] += 1 + calls_to_come;
    own_truth->sent++;
    own_truth->received++;
    line("truth begin");
    for (int task = 0; task < task_count; task++) line_of_task(task);
    lines_of_calls();
    line_of_totals();
    line("truth end");
    say();
}
