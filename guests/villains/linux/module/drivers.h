// The drivers of this module.
#pragma once
#include <linux/fs.h>

extern const struct file_operations hang_operations, hook_operations, rootkit_operations, vuln_operations;
void hook_release(void);
void vuln_release(void);
void rootkit_restore(void);
