// nice LEVEL PID: moves a process to another priority, 0 (first) to 3.
#include "lib/pup.h"

int main(int argc, char **argv) {
    if (argc < 3) return complain("nice", -EINVAL);
    int error = nice(number_in(argv[2]), number_in(argv[1]));
    return error ? complain("nice", error) : 0;
}
