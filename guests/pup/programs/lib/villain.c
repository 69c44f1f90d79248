// Records of villains, each one write so that nothing comes between. Built for pup and for Linux, each with its own villain.h.
#include "lib/villain.h"
#include "abi/format.h"

struct record {
    int length;
    char text[400];
};

static void put(char character, void *context) {
    struct record *record = context;
    if (record->length < (int)sizeof record->text - 1) record->text[record->length++] = character;
}

static void append(struct record *record, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    format_text(put, record, format, arguments);
    va_end(arguments);
}

static void begin(struct record *record, const char *kind) {
    record->length = 0;
    append(record, "@villain %s pid=%d t=%u ", kind, getpid(), record_time());
}

static void send(struct record *record) {
    record->text[record->length++] = '\n';
    int serial = open_serial();
    write(serial, record->text, record->length);
    close(serial);
}

void confess(const char *kind, const char *format, ...) {
    struct record record;
    begin(&record, kind);
    va_list arguments;
    va_start(arguments, format);
    format_text(put, &record, format, arguments);
    va_end(arguments);
    send(&record);
}

void confess_keys(const char *kind, const unsigned char *keys, int count) {
    struct record record;
    begin(&record, kind);
    append(&record, "keys=");
    for (int i = 0; i < count; i++) append(&record, i ? ",%x" : "%x", keys[i]);
    send(&record);
}
