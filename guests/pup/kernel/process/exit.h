// The end of threads and processes.
#pragma once

// Exit statuses that no program chooses: killed by kill, or by an exception (plus its vector).
enum { EXIT_KILLED = 128, EXIT_CRASHED = 256 };

_Noreturn void exit_thread(void);
_Noreturn void exit_process(int status);
// Marks a process for death and wakes it, so that it notices. Returns 0 or a negated error.
int kill_process(int pid);
// Kills every process of a job (what ctrl-C does).
void kill_job(int job);
