// sleep TICKS: waits (100 ticks are a second).
#include "lib/pup.h"

int main(int argc, char **argv) {
    sleep(argc > 1 ? number_in(argv[1]) : TICKS_PER_SECOND);
    return 0;
}
