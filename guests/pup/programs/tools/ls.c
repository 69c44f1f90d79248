// ls [FOLDER...]: names in a folder, one per line; the root if none is given.
#include "lib/pup.h"

static int list(const char *path) {
    char buffer[512];
    int file = open(path), count;
    if (file < 0) return complain(path, file);
    while ((count = read(file, buffer, sizeof buffer)) > 0) write(1, buffer, count);
    close(file);
    return 0;
}

int main(int argc, char **argv) {
    int failed = argc < 2 ? list("/") : 0;
    for (int i = 1; i < argc; i++) failed |= list(argv[i]);
    return failed;
}
