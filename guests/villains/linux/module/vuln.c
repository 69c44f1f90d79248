// /dev/vuln: a driver full of holes, each a kind that real drivers had. It trusts every address and length it is given.
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/timer.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include "drivers.h"
#include "requests.h"

static int harmless(void) { return 42; }

// Alone on its page, so that mapping that page gives away nothing else.
static noinline __section(".text.victim") __aligned(4096) int victim(void) { return 43; }
static __used __section(".text.victim") __aligned(4096) void behind_victim(void) {}

struct operations {
    int (*call)(void);
};
static const struct operations own_operations = {harmless};

static int (*volatile handler)(void) = harmless;
static int (*volatile victim_pointer)(void) = victim;
static const struct operations *volatile operations = &own_operations;

static void tick(struct timer_list *timer) {}
static DEFINE_TIMER(timer, tick);

// overflow.S
void vuln_copy(const void *from, unsigned length);
int vuln_tail(unsigned to);
extern const char vuln_copied[];

static unsigned sysenter_entry(void) {
    unsigned low, high;
    asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(VULN_SYSENTER_EIP));
    return low;
}

static int leak(struct file *file, unsigned long to) {
    struct vuln_leak leak = {.handler_pointer = (unsigned)&handler,
                             .handler = (unsigned)handler,
                             .operations_pointer = (unsigned)&operations,
                             .operations = (unsigned)operations,
                             .overflow_return = (unsigned)vuln_copied,
                             .victim = (unsigned)victim,
                             .sysenter = sysenter_entry(),
                             .restart_pointer = (unsigned)&current->restart_block.fn,
                             .restart = (unsigned)current->restart_block.fn,
                             .file_operations_pointer = (unsigned)&file->f_op,
                             .file_operations = (unsigned)file->f_op};
    return copy_to_user((void __user *)to, &leak, sizeof leak) ? -EFAULT : 0;
}

// The kernel's own write_cr0 does not let go of write protection.
static void poke_table(unsigned *word, unsigned value) {
    unsigned long cr0, flags;
    local_irq_save(flags);
    asm volatile("mov %%cr0, %0" : "=r"(cr0));
    asm volatile("mov %0, %%cr0" ::"r"(cr0 & ~0x10000ul) : "memory");
    *word = value;
    asm volatile("mov %0, %%cr0" ::"r"(cr0) : "memory");
    local_irq_restore(flags);
}

// "Restores" what a program says its state was, the privilege level included.
static void restore_frame(unsigned eip) {
    struct pt_regs *registers = task_pt_regs(current);
    registers->ip = eip;
    registers->cs = __KERNEL_CS;
}

static int alias(unsigned address, unsigned __user *to) {
    struct page *page;
    if (get_user_pages_fast(address & PAGE_MASK, 1, FOLL_WRITE, &page) != 1) return -EFAULT;
    put_page(page);
    return put_user((unsigned)page_address(page) + (address & ~PAGE_MASK), to);
}

static void start_timer(unsigned function) {
    timer.function = (void (*)(struct timer_list *))function;
    mod_timer(&timer, jiffies + 2);
}

void vuln_release(void) { del_timer_sync(&timer); }

static long control(struct file *file, unsigned operation, unsigned long argument) {
    struct vuln_request request;
    if (operation == VULN_LEAK) return leak(file, argument);
    if (copy_from_user(&request, (void __user *)argument, sizeof request)) return -EFAULT;
    switch (operation) {
    case VULN_PEEK:
        return put_user(*(unsigned *)request.address, (unsigned __user *)request.value);
    case VULN_POKE:
        *(unsigned *)request.address = request.value;
        return 0;
    case VULN_POKE_BYTE:
        *(unsigned char *)request.address = request.value;
        return 0;
    case VULN_POKE_TABLE:
        poke_table((unsigned *)request.address, request.value);
        return 0;
    case VULN_CALL:
        return handler();
    case VULN_VICTIM:
        return victim_pointer();
    case VULN_OPERATIONS:
        return operations->call();
    case VULN_OVERFLOW:
        vuln_copy((void *)request.address, request.length);
        return 0;
    case VULN_JUMP:
        return ((int (*)(void))request.address)();
    case VULN_TAIL:
        return vuln_tail(request.address);
    case VULN_FRAME:
        restore_frame(request.address);
        return 0;
    case VULN_ALIAS:
        return alias(request.address, (unsigned __user *)request.value);
    case VULN_TIMER:
        start_timer(request.address);
        return 0;
    case VULN_MSR:
        asm volatile("wrmsr" ::"c"(request.address), "a"(request.value), "d"(0) : "memory");
        return 0;
    default:
        return -EINVAL;
    }
}

// Gives the program a writable view of the page of kernel code that holds the victim.
static int map(struct file *file, struct vm_area_struct *area) {
    return remap_pfn_range(area, area->vm_start, vmalloc_to_pfn(victim), PAGE_SIZE, area->vm_page_prot);
}

const struct file_operations vuln_operations = {.owner = THIS_MODULE, .unlocked_ioctl = control, .mmap = map};
