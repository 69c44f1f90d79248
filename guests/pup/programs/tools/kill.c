// kill PID...: ends processes.
#include "lib/pup.h"

int main(int argc, char **argv) {
    int failed = 0;
    for (int i = 1; i < argc; i++) {
        int error = kill(number_in(argv[i]));
        if (error) failed = complain(argv[i], error);
    }
    return failed;
}
