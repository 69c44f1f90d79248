// The counters, and the log of what happened to processes.
#include "truth/truth.h"
#include "clock/clock.h"
#include "console/serial.h"
#include "process/process.h"
#include "truth/ended.h"

// The page tables of the boot code were loaded before anything could be counted.
struct truth truth = {.cr3_writes = 1};
bool truth_log;

void truth_forked(const struct process *parent, const struct process *child) {
    truth.forks++;
    if (truth_log)
        serial_record("@truth fork t=%u parent=%d pid=%d name=%s cr3=%x\n", ticks, parent->pid, child->pid,
                      name_text(&child->name), child->space.root);
}

void truth_executed(const struct process *process, const char *path) {
    truth.execs++;
    if (truth_log)
        serial_record("@truth exec t=%u pid=%d name=%s path=%s cr3=%x\n", ticks, process->pid, name_text(&process->name),
                      path, process->space.root);
}

void truth_exited(const struct process *process) {
    truth.exits++;
    ended_add(process);
    if (truth_log)
        serial_record("@truth exit t=%u pid=%d name=%s status=%d syscalls=%u faults=%u\n", ticks, process->pid,
                      name_text(&process->name), process->exit_status, process->truth.system_calls,
                      process->truth.page_faults);
}
