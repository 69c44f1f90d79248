// The kernel's heap for small objects.
#pragma once
#include <stddef.h>

// Returns zeroed memory that does not cross a page, or null. At most 2048 bytes.
void *heap_allocate(size_t size);
// `size` must be the size given to heap_allocate: objects carry no header.
void heap_free(void *object, size_t size);
