// The first process, made by the boot flow instead of by fork.
#include "process/init.h"
#include "boot/boot_info.h"
#include "console/console.h"
#include "current.h"
#include "files/file.h"
#include "process/exec.h"
#include "process/process.h"

struct process *init_process;

void init_start(void) {
    struct task *task = task_create(0);
    if (!task) panic("no memory for init");
    init_process = task_process(task);
    if (process_register(init_process, 0, "init")) panic("no id for init");
    task->tid = init_process->pid;
    int error;
    struct file *console = file_open("/dev/console", &error);
    if (!console) panic("no console for init: error %d", -error);
    console->references = 3;
    for (int i = 0; i < 3; i++) init_process->files[i] = console;

    struct trap_frame frame = {0};
    error = exec_first(task, &frame, "/bin/init", boot_line);
    if (error) panic("cannot run /bin/init: error %d", -error);
    task_start(task, &frame);
}
