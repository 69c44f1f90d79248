// The kernel's heap: one free list for each power of two. An empty list cuts up a fresh frame; frames are never given back.
#include "memory/heap.h"
#include "console/console.h"
#include "lib/string.h"
#include "memory/frames.h"
#include "paging/paging.h"

enum { SMALLEST = 5, LARGEST = 11 };

struct free_object {
    struct free_object *next;
};

static struct free_object *free_objects[LARGEST + 1];

static unsigned size_class(size_t size) {
    unsigned class = SMALLEST;
    while (1u << class < size) class++;
    if (class > LARGEST) panic("heap object of %u bytes", size);
    return class;
}

void heap_free(void *object, size_t size) {
    struct free_object *freed = object;
    unsigned class = size_class(size);
    freed->next = free_objects[class];
    free_objects[class] = freed;
}

void *heap_allocate(size_t size) {
    unsigned class = size_class(size);
    if (!free_objects[class]) {
        uint32_t frame = frame_allocate();
        if (!frame) return 0;
        for (uint32_t offset = 0; offset < PAGE_SIZE; offset += 1u << class)
            heap_free((char *)to_virtual(frame) + offset, size);
    }
    struct free_object *object = free_objects[class];
    free_objects[class] = object->next;
    return memset(object, 0, size);
}
