// Records of villains, each one write so that nothing comes between.
#include "villain.h"
#include "abi/format.h"

struct record {
    int length;
    char text[400];
};

static void put(char character, void *context) {
    struct record *record = context;
    if (record->length < (int)sizeof record->text - 2) record->text[record->length++] = character;
}

static void append(struct record *record, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    format_text(put, record, format, arguments);
    va_end(arguments);
}

static void begin(struct record *record, const char *kind) {
    record->length = 0;
    append(record, "@villain %s pid=%d t=%u ", kind, getpid(), milliseconds());
}

static void send(struct record *record) {
    record->text[record->length++] = '\n';
    int serial = open("/dev/ttyS0", WRITE_ONLY);
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

int fail(const char *kind, const char *what, int error) {
    confess(kind, "stage=failed what=%s error=%d", what, error);
    return 1;
}

bool equal(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

bool contains(const char *text, const char *part) {
    for (; *text; text++) {
        int i = 0;
        while (part[i] && text[i] == part[i]) i++;
        if (!part[i]) return true;
    }
    return false;
}

int number_in(const char *text) {
    int number = 0;
    while (*text >= '0' && *text <= '9') number = number * 10 + *text++ - '0';
    return number;
}

// The compiler calls these on its own.
void *memcpy(void *to, const void *from, size_t size) {
    for (size_t i = 0; i < size; i++) ((char *)to)[i] = ((const char *)from)[i];
    return to;
}
void *memset(void *to, int value, size_t size) {
    for (size_t i = 0; i < size; i++) ((char *)to)[i] = (char)value;
    return to;
}
