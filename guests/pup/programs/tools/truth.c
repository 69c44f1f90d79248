// truth [on|off]: makes the kernel print its counters on the serial line; "on" logs each fork, exec and exit there.
#include "lib/pup.h"

int main(int argc, char **argv) {
    if (argc < 2) return truth(TRUTH_PRINT);
    return truth(equal(argv[1], "on") ? TRUTH_LOG_ON : TRUTH_LOG_OFF);
}
