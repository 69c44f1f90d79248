// The table of system calls. Each function here checks and converts arguments; the work is done elsewhere.
#include "abi/errors.h"
#include "abi/structures.h"
#include "arch/cpu.h"
#include "clock/clock.h"
#include "console/console.h"
#include "console/keyboard.h"
#include "current.h"
#include "memory/frames.h"
#include "memory/user_memory.h"
#include "paging/paging.h"
#include "process/exec.h"
#include "process/exit.h"
#include "process/fork.h"
#include "process/wait.h"
#include "sched/schedule.h"
#include "syscall/calls.h"
#include "syscall/system_call.h"
#include "truth/truth.h"

#define CALL(name) static int name(struct trap_frame *frame, const uint32_t *arguments)
#define UNUSED (void)frame, (void)arguments

static struct process *running(void) { return task_process(current_task()); }

CALL(call_exit) {
    (void)frame;
    exit_process(arguments[0] & 0x7f);
}

CALL(call_fork) {
    (void)arguments;
    return fork_process(frame);
}

CALL(call_exec) { return exec_program(frame, arguments[0], arguments[1]); }

CALL(call_wait) {
    (void)frame;
    int status, error = arguments[0] ? user_range(arguments[0], sizeof status, true) : 0;
    if (error) return error;
    int pid = wait_for_child(&status);
    if (pid > 0 && arguments[0]) *(int *)arguments[0] = status;
    return pid;
}

CALL(call_kill) {
    (void)frame;
    return kill_process(arguments[0]);
}

CALL(call_getpid) {
    UNUSED;
    return running()->pid;
}

CALL(call_getppid) {
    UNUSED;
    return running()->parent ? running()->parent->pid : 0;
}

CALL(call_yield) {
    UNUSED;
    yield();
    return 0;
}

CALL(call_sleep) {
    (void)frame;
    return clock_sleep(arguments[0]);
}

CALL(call_ticks) {
    UNUSED;
    return ticks;
}

// Moves the end of the heap up by some bytes, rounded to pages; returns where it was. Memory comes at the first touch.
CALL(call_sbrk) {
    (void)frame;
    struct address_space *space = &running()->space;
    uint32_t old_end = space->image_end, size = (arguments[0] + PAGE_MASK) & ~PAGE_MASK;
    if (size > HEAP_LIMIT - old_end) return -ENOMEM;
    space->image_end += size;
    return old_end;
}

CALL(call_set_job) {
    (void)frame;
    struct process *process = arguments[0] ? process_find(arguments[0]) : running();
    if (!process) return -ESRCH;
    process->job = arguments[1];
    return 0;
}

CALL(call_nice) {
    (void)frame;
    struct process *process = process_find(arguments[0]);
    return process ? policy_set_level(process->tasks, arguments[1]) : -ESRCH;
}

CALL(call_thread_create) { return create_thread(frame, arguments[0], arguments[1], arguments[2]); }

CALL(call_thread_exit) {
    UNUSED;
    exit_thread();
}

// Which keys are down: 128 bits, by scancode.
CALL(call_keyboard_state) {
    (void)frame;
    return copy_to_user(arguments[0], keys_down, sizeof keys_down);
}

CALL(call_truth) {
    (void)frame;
    if (arguments[0] == TRUTH_PRINT)
        truth_print();
    else
        truth_log = arguments[0] == TRUTH_LOG_ON;
    return 0;
}

CALL(call_memory) {
    (void)frame;
    struct memory_info info = {frames_total, frames_free_count};
    return copy_to_user(arguments[0], &info, sizeof info);
}

CALL(call_halt) {
    UNUSED;
    console_print("pup: halted\n");
    stop_machine();
}

system_call system_calls[SYS_COUNT] = {
    [SYS_EXIT] = call_exit,
    [SYS_FORK] = call_fork,
    [SYS_EXEC] = call_exec,
    [SYS_WAIT] = call_wait,
    [SYS_KILL] = call_kill,
    [SYS_GETPID] = call_getpid,
    [SYS_GETPPID] = call_getppid,
    [SYS_YIELD] = call_yield,
    [SYS_SLEEP] = call_sleep,
    [SYS_TICKS] = call_ticks,
    [SYS_SBRK] = call_sbrk,
    [SYS_OPEN] = call_open,
    [SYS_CLOSE] = call_close,
    [SYS_READ] = call_read,
    [SYS_WRITE] = call_write,
    [SYS_PIPE] = call_pipe,
    [SYS_DUP] = call_dup,
    [SYS_CONTROL] = call_control,
    [SYS_PS] = call_ps,
    [SYS_SET_JOB] = call_set_job,
    [SYS_NICE] = call_nice,
    [SYS_THREAD_CREATE] = call_thread_create,
    [SYS_THREAD_EXIT] = call_thread_exit,
    [SYS_KEYBOARD_STATE] = call_keyboard_state,
    [SYS_TRUTH] = call_truth,
    [SYS_MEMORY] = call_memory,
    [SYS_HALT] = call_halt,
};
