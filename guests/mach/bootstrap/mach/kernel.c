// Calls of the kernel by messages. The first item of its answers is a kern_return_t.
#include "mach/kernel.h"
#include "mach/message.h"
#include "must.h"

enum service {
    THREAD_SET_STATE = 2018,
    VM_INHERIT = 2025,
    THREAD_CREATE = 2061,
    THREAD_RESUME = 2063,
    DEVICE_OPEN = 2800,
    DEVICE_WRITE = 2802,
    TASK_SET_NAME = 4202,
};

enum { DEVICE_NAME_SIZE = 128, D_WRITE = 2 };
/** A kind of thread state: the general registers, in the order of struct i386_thread_state. */
enum { I386_THREAD_STATE = 1 };
enum { STATE_EDI = 4, STATE_ESI = 5, STATE_EBX = 8, STATE_EIP = 12, STATE_UESP = 15, STATE_WORDS = 17 };

static void call_kernel(struct message *message, port_t reply) {
    call(message, reply);
    must(item(message, 0));
}

void share_with_children(port_t task, const void *start, uint32_t size, port_t reply) {
    struct message message;
    message_begin(&message, task, VM_INHERIT);
    add_integer(&message, (uint32_t)start);
    add_integer(&message, size);
    add_integer(&message, INHERIT_SHARE);
    call_kernel(&message, reply);
}

void task_set_name(port_t task, const char *name) {
    struct message message;
    message_begin(&message, task, TASK_SET_NAME);
    add_text(&message, name);
    send(&message); // the one service here that does not answer
}

void thread_start(port_t task, struct beginning beginning, port_t reply) {
    struct message message;
    message_begin(&message, task, THREAD_CREATE);
    call_kernel(&message, reply);
    port_t thread = item(&message, 1);

    uint32_t state[STATE_WORDS] = {
        [STATE_EDI] = beginning.edi, [STATE_ESI] = beginning.esi,  [STATE_EBX] = beginning.ebx,
        [STATE_EIP] = beginning.eip, [STATE_UESP] = beginning.esp,
    };
    message_begin(&message, thread, THREAD_SET_STATE);
    add_integer(&message, I386_THREAD_STATE);
    add_integers(&message, state, STATE_WORDS);
    call_kernel(&message, reply);

    message_begin(&message, thread, THREAD_RESUME);
    call_kernel(&message, reply);
}

port_t device_open(port_t master, const char *name, port_t reply) {
    struct message message;
    message_begin(&message, master, DEVICE_OPEN);
    add_integer(&message, D_WRITE);
    add_name(&message, name, DEVICE_NAME_SIZE);
    call_kernel(&message, reply);
    return item(&message, 1);
}

void device_write(port_t device, const char *text, uint32_t size, port_t reply) {
    struct message message;
    message_begin(&message, device, DEVICE_WRITE);
    add_integer(&message, 0);
    add_integer(&message, 0);
    add_memory(&message, text, size);
    call_kernel(&message, reply);
}
