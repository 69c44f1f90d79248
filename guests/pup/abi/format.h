// A small printf, shared by kernel and programs: %d %u %x (with 0x) %s %c %%, each with an optional width
// (%5d, %-8s). Every character goes to `put`.
#pragma once
#include <stdarg.h>

typedef void (*put_function)(char character, void *context);
void format_text(put_function put, void *context, const char *format, va_list arguments);
