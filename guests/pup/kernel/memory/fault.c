// Page faults (Intel SDM vol. 3, 6.15, vector 14): the first touch of a heap or stack page, or a bug in the program.
#include "memory/fault.h"
#include "abi/errors.h"
#include "arch/cpu.h"
#include "console/console.h"
#include "current.h"
#include "process/process.h"
#include "truth/truth.h"

enum { ERROR_PRESENT = 1, ERROR_WRITE = 2, ERROR_USER = 4 };

bool page_fault(struct trap_frame *frame) {
    struct process *process = task_process(current_task());
    process->truth.page_faults++;
    // The kernel touches user memory only after making sure of it (user_memory.c), so its own faults are bugs.
    if (!(frame->error & ERROR_USER) || frame->error & ERROR_PRESENT) return false;
    int error = space_touch(&process->space, read_cr2(), frame->error & ERROR_WRITE);
    if (error == -ENOMEM) console_print("pup: out of memory\n");
    return error == 0;
}
