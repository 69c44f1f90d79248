// spin [TICKS]: computes for some time; needs a clock that runs by itself.
#include "lib/pup.h"

int main(int argc, char **argv) {
    unsigned end = ticks() + (argc > 1 ? number_in(argv[1]) : TICKS_PER_SECOND), rounds = 0;
    while ((int)(end - ticks()) > 0)
        for (volatile int i = 0; i < 1000; i++) rounds++;
    print("spin: done\n");
    return 0;
}
