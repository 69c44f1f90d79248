// memhog [touch]: takes memory until there is none. Memory is given at the first touch. If a system call touches it, the
// call fails; if the program itself does ("touch"), there is nothing to return an error from, and it is killed.
#include "lib/pup.h"

enum { PAGE = 4096 };

int main(int argc, char **argv) {
    bool touch = argc > 1 && equal(argv[1], "touch");
    int zero = open("/dev/zero"), error = 0;
    unsigned pages = 0;
    for (char *page; error >= 0 && (page = sbrk(PAGE)); pages++) {
        if (touch)
            *page = 1;
        else
            error = read(zero, page, PAGE);
    }
    complain("memhog", error);
    print("memhog: stopped with more than 1000 pages: %s\n", pages > 1000 ? "yes" : "no");
    return 0;
}
