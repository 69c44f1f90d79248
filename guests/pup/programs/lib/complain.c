// Error messages.
#include "lib/pup.h"

static const struct {
    int number;
    const char *text;
} errors[] = {{EPERM, "not allowed"},     {ENOENT, "not found"},          {ESRCH, "no such process"},
              {EIO, "in the background"}, {ENOEXEC, "not a program"},     {EBADF, "not possible with this file"},
              {ECHILD, "no child"},       {EAGAIN, "kernel table full"},  {ENOMEM, "out of memory"},
              {EFAULT, "bad address"},    {EINVAL, "bad argument"},       {EMFILE, "too many open files"},
              {EPIPE, "broken pipe"},     {ENOSYS, "not in this variant"}};

int complain(const char *what, int error) {
    const char *text = "error";
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].number == -error) text = errors[i].text;
    print_to(2, "%s: %s\n", what, text);
    return 1;
}
