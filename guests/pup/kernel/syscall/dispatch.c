// From number to function.
#include "abi/errors.h"
#include "current.h"
#include "syscall/system_call.h"
#include "truth/truth.h"

int do_system_call(struct trap_frame *frame, uint32_t number, const uint32_t *arguments) {
    task_process(current_task())->truth.system_calls++;
    if (number >= SYS_COUNT || !system_calls[number]) {
        truth.bad_system_calls++;
        return -ENOSYS;
    }
    truth.system_calls[number]++;
    return system_calls[number](frame, arguments);
}
