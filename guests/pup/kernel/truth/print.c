// Prints the counters. Interrupts are off in the kernel, so the records belong to one instant: inside the system call
// that asked, which is counted already.
#include "clock/clock.h"
#include "console/serial.h"
#include "process/process.h"
#include "truth/ended.h"
#include "truth/truth.h"

static void print_processes(void) {
    struct process *process = all_processes;
    while (process && process->next) process = process->next; // oldest first
    for (; process; process = process->previous)
        serial_record("@truth process pid=%d parent=%d name=%s zombie=%d threads=%d syscalls=%u faults=%u ticks=%u cr3=%x\n",
                      process->pid, process->parent ? process->parent->pid : 0, name_text(&process->name),
                      process->zombie, process->threads, process->truth.system_calls, process->truth.page_faults,
                      process->truth.ticks, process->space.root);
}

void truth_print(void) {
    serial_record("@truth begin t=%u\n", ticks);
    print_processes();
    ended_print();
    uint32_t calls = truth.bad_system_calls;
    for (int number = 0; number < SYS_COUNT; number++) {
        calls += truth.system_calls[number];
        if (truth.system_calls[number])
            serial_record("@truth call n=%d count=%u\n", number, truth.system_calls[number]);
    }
    for (int vector = 0; vector < VECTOR_COUNT; vector++)
        if (truth.interrupts[vector]) serial_record("@truth vector n=%d count=%u\n", vector, truth.interrupts[vector]);
    serial_record("@truth total syscalls=%u bad=%u forks=%u threads=%u execs=%u exits=%u switches=%u cr3=%u faults=%u\n",
                  calls, truth.bad_system_calls, truth.forks, truth.threads, truth.execs, truth.exits, truth.switches,
                  truth.cr3_writes, truth.interrupts[VECTOR_PAGE_FAULT]);
    serial_record("@truth end\n");
}
