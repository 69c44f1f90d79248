// sort [-r] [FILE]: prints the lines of a file, or of its input, in order.
#include "lib/pup.h"

enum { MOST = 512 };

static bool before(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return (unsigned char)*a < (unsigned char)*b;
}

// Puts a line where it belongs: few lines come, and they come one by one.
static void insert(char **lines, int count, char *line, bool reverse) {
    int at = count;
    while (at > 0 && (reverse ? before(lines[at - 1], line) : before(line, lines[at - 1]))) {
        lines[at] = lines[at - 1];
        at--;
    }
    lines[at] = line;
}

int main(int argc, char **argv) {
    static struct line_reader reader;
    static char *lines[MOST];
    bool reverse = argc > 1 && equal(argv[1], "-r");
    char *path = argv[1 + reverse];
    reader.file = path ? open(path) : 0;
    if (reader.file < 0) return complain(path, reader.file);
    char *room = 0;
    size_t left = 0;
    int count = 0;
    for (char *line; count < MOST && (line = next_line(&reader)); count++) {
        size_t length = length_of(line) + 1;
        if (left < length) {
            left = 4096;
            room = sbrk(left);
            if (!room) return complain("sort", -ENOMEM);
        }
        insert(lines, count, memcpy(room, line, length), reverse);
        room += length;
        left -= length;
    }
    for (int i = 0; i < count; i++) print("%s\n", lines[i]);
    return 0;
}
