// wc [FILE]: counts lines, words and bytes.
#include "lib/pup.h"

int main(int argc, char **argv) {
    int file = argc > 1 ? open(argv[1]) : 0;
    if (file < 0) return complain(argv[1], file);
    unsigned lines = 0, words = 0, bytes = 0;
    bool in_word = false;
    char buffer[512];
    for (int count; (count = read(file, buffer, sizeof buffer)) > 0;) {
        for (int i = 0; i < count; i++) {
            bool space = buffer[i] == ' ' || buffer[i] == '\n' || buffer[i] == '\t';
            lines += buffer[i] == '\n';
            words += in_word && space;
            in_word = !space;
        }
        bytes += count;
    }
    print("%u %u %u\n", lines, words + in_word, bytes);
    return 0;
}
