// Reading line by line.
#include "lib/pup.h"

static int next_character(struct line_reader *reader) {
    if (reader->used == reader->filled) {
        reader->filled = read(reader->file, reader->buffer, sizeof reader->buffer);
        reader->used = 0;
        if (reader->filled <= 0) {
            reader->filled = 0;
            return -1;
        }
    }
    return (unsigned char)reader->buffer[reader->used++];
}

char *next_line(struct line_reader *reader) {
    size_t length = 0;
    int character;
    while ((character = next_character(reader)) >= 0 && character != '\n')
        if (length < sizeof reader->line - 1) reader->line[length++] = character;
    reader->line[length] = 0;
    return character < 0 && !length ? 0 : reader->line;
}
