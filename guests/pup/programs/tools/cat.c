// cat [FILE...]: copies files, or its input, to its output.
#include "lib/pup.h"

static int copy(int file) {
    char buffer[512];
    int count;
    while ((count = read(file, buffer, sizeof buffer)) > 0) write(1, buffer, count);
    return count < 0;
}

int main(int argc, char **argv) {
    int failed = argc < 2 ? copy(0) : 0;
    for (int i = 1; i < argc; i++) {
        int file = open(argv[i]);
        if (file < 0)
            failed = complain(argv[i], file);
        else
            failed |= copy(file), close(file);
    }
    return failed;
}
