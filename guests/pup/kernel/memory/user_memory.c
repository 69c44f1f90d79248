// Access to the memory of the running program.
#include "memory/user_memory.h"
#include "abi/errors.h"
#include "current.h"
#include "lib/string.h"
#include "paging/paging.h"
#include "process/process.h"

int user_range(uint32_t address, size_t length, bool write) {
    if (address >= KERNEL_SPLIT || length > KERNEL_SPLIT - address) return -EFAULT;
    if (length == 0) return 0;
    struct address_space *space = &task_process(current_task())->space;
    uint32_t last = address + length - 1;
    for (uint32_t page = address & ~PAGE_MASK; page <= last; page += PAGE_SIZE) {
        int error = space_touch(space, page, write);
        if (error) return error;
    }
    return 0;
}

int copy_from_user(void *to, uint32_t from, size_t length) {
    int error = user_range(from, length, false);
    if (!error) memcpy(to, (const void *)from, length);
    return error;
}

int copy_to_user(uint32_t to, const void *from, size_t length) {
    int error = user_range(to, length, true);
    if (!error) memcpy((void *)to, from, length);
    return error;
}

int string_from_user(char *to, uint32_t from, size_t size) {
    for (size_t i = 0; i < size; i++) {
        int error = copy_from_user(&to[i], from + i, 1);
        if (error) return error;
        if (!to[i]) return 0;
    }
    return -E2BIG;
}
