// walker [PAGES]: touches fresh memory page by page (a page fault each), then walks over it in long steps.
#include "lib/pup.h"

enum { PAGE = 4096, STEP = 7 };

int main(int argc, char **argv) {
    unsigned pages = argc > 1 ? number_in(argv[1]) : 64, sum = 0;
    char *memory = sbrk(pages * PAGE);
    if (!memory) return complain("walker", -ENOMEM);
    for (unsigned i = 0; i < pages; i++) memory[i * PAGE] = i;
    for (unsigned i = 0, at = 0; i < pages; i++, at = (at + STEP) % pages) sum += (unsigned char)memory[at * PAGE];
    print("walker: %u pages, sum %u\n", pages, sum);
    return 0;
}
