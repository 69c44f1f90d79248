// The variable that names the current task.
#include "current.h"

struct task *current_task_pointer;
