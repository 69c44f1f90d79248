// A small printf, compiled into the kernel and into the programs' library.
#include "abi/format.h"
#include <stdbool.h>

static void pad(put_function put, void *context, int count) {
    while (count-- > 0) put(' ', context);
}

static void field(put_function put, void *context, const char *text, int length, int width, bool left) {
    if (!left) pad(put, context, width - length);
    for (int i = 0; i < length; i++) put(text[i], context);
    if (left) pad(put, context, width - length);
}

// Writes the digits so that they end at `end`; returns where they begin.
static char *digits(char *end, unsigned value, unsigned base) {
    do *--end = "0123456789abcdef"[value % base];
    while (value /= base);
    return end;
}

void format_text(put_function put, void *context, const char *format, va_list arguments) {
    for (; *format; format++) {
        if (*format != '%') {
            put(*format, context);
            continue;
        }
        bool left = *++format == '-';
        if (left) format++;
        int width = 0;
        while (*format >= '0' && *format <= '9') width = width * 10 + *format++ - '0';
        char buffer[12], *end = buffer + sizeof buffer, *start = end;
        switch (*format) {
        case 'd': {
            int value = va_arg(arguments, int);
            start = digits(end, value < 0 ? -(unsigned)value : (unsigned)value, 10);
            if (value < 0) *--start = '-';
            break;
        }
        case 'u':
            start = digits(end, va_arg(arguments, unsigned), 10);
            break;
        case 'x':
            start = digits(end, va_arg(arguments, unsigned), 16);
            *--start = 'x';
            *--start = '0';
            break;
        case 'c':
            *--start = (char)va_arg(arguments, int);
            break;
        case 's':
            start = va_arg(arguments, char *);
            for (end = start; *end;) end++;
            break;
        case 0:
            return;
        default:
            *--start = *format;
        }
        field(put, context, start, end - start, width, left);
    }
}
