// Formatted output, gathered into one write so that lines of several programs do not mix.
#include "abi/format.h"
#include "lib/pup.h"

struct gathered {
    int file;
    size_t length;
    char text[256];
};

static void flush(struct gathered *gathered) {
    if (gathered->length) write(gathered->file, gathered->text, gathered->length);
    gathered->length = 0;
}

static void put(char character, void *context) {
    struct gathered *gathered = context;
    if (gathered->length == sizeof gathered->text) flush(gathered);
    gathered->text[gathered->length++] = character;
}

static void print_list(int file, const char *format, va_list arguments) {
    struct gathered gathered;
    gathered.file = file;
    gathered.length = 0;
    format_text(put, &gathered, format, arguments);
    flush(&gathered);
}

void print(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_list(1, format, arguments);
    va_end(arguments);
}

void print_to(int file, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_list(file, format, arguments);
    va_end(arguments);
}
