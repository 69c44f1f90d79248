// /dev/vuln: a driver full of holes, each a kind that real drivers had. It trusts every address and length it is given.
// The exploits against it are in ../../programs/villains/ret2usr.
#include "abi/errors.h"
#include "abi/structures.h"
#include "arch/gdt.h"
#include "arch/selectors.h"
#include "arch/trap.h"
#include "clock/clock.h"
#include "current.h"
#include "drivers/device.h"
#include "files/file.h"
#include "lib/string.h"
#include "memory/user_memory.h"
#include "paging/paging.h"
#include "syscall/system_call.h"

enum { MAP_ADDRESS = 0x71000000 };

extern uint64_t idt[];
void vuln_overflow(const void *from, uint32_t length); // vuln_overflow.S

static int harmless(void) { return 42; }

// Alone on its page, so that mapping that page gives away nothing else.
__attribute__((section(".victim"), noinline, aligned(4096))) static int victim(void) { return 43; }

static int (*volatile handler)(void) = harmless;
static int (*volatile victim_pointer)(void) = victim;

static int leak(uint32_t to) {
    struct vuln_leak leak = {.handler_pointer = (uint32_t)&handler,
                             .timer_pointer = (uint32_t)&timer_hook,
                             .system_call_table = (uint32_t)system_calls,
                             .interrupt_table = (uint32_t)idt,
                             .descriptor_table = (uint32_t)gdt,
                             .device_operations = (uint32_t)&device_find("null")->operations,
                             .victim = (uint32_t)victim,
                             .handler = (uint32_t)handler};
    return copy_to_user(to, &leak, sizeof leak);
}

// Gives the program a writable view of any page of the kernel.
static int map(uint32_t kernel_page) {
    struct address_space *space = &task_process(current_task())->space;
    page_entry *entry = paging_entry(space->root, MAP_ADDRESS, true);
    if (!entry) return -ENOMEM;
    *entry = (to_physical((void *)kernel_page) & ~PAGE_MASK) | PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER;
    return MAP_ADDRESS;
}

// Tells where the kernel itself sees a page of the program.
static int alias(uint32_t address) {
    page_entry *entry = paging_entry(task_process(current_task())->space.root, address, false);
    if (!entry || !(*entry & PAGE_PRESENT)) return -EFAULT;
    return (int)to_virtual(((uint32_t)*entry & ~PAGE_FLAGS) | (address & PAGE_MASK));
}

static void jump(uint32_t address) { asm volatile("call *%0" ::"r"(address) : "eax", "ecx", "edx", "memory"); }

// "Restores" what a program says its state was, the privilege level included.
static int restore_frame(uint32_t eip) {
    struct trap_frame *frame = task_frame(current_task());
    frame->eip = eip;
    frame->cs = KERNEL_CODE;
    return 0;
}

static int control(struct file *file, uint32_t operation, uint32_t argument) {
    (void)file;
    struct vuln_request request;
    if (operation == VULN_LEAK) return leak(argument);
    int error = copy_from_user(&request, argument, sizeof request);
    if (error) return error;
    switch (operation) {
    case VULN_PEEK:
        return *(uint32_t *)request.address;
    case VULN_POKE:
        *(uint32_t *)request.address = request.value;
        return 0;
    case VULN_POKE_BYTE:
        *(uint8_t *)request.address = request.value;
        return 0;
    case VULN_CALL:
        return request.value ? victim_pointer() : handler();
    case VULN_OVERFLOW:
        vuln_overflow((void *)request.address, request.length);
        return 0;
    case VULN_JUMP:
        jump(request.address);
        return 0;
    case VULN_FRAME:
        return restore_frame(request.address);
    case VULN_MAP:
        return map(request.address);
    case VULN_ALIAS:
        return alias(request.address);
    case VULN_TIMER:
        if (clock_is_quiet) return -ENOSYS; // no timer interrupt to hook
        timer_hook = (void (*)(void))request.address;
        return 0;
    default:
        return -EINVAL;
    }
}

const struct file_operations vuln_operations = {.control = control};
