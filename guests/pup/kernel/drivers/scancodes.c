// /dev/kbd: every reader gets every scancode from the moment it opens the device, beside the terminal and unseen by it.
#include "drivers/scancodes.h"
#include "files/file.h"
#include "sched/wait_queue.h"

enum { RING_SIZE = 256 };

static uint8_t ring[RING_SIZE];
static uint32_t total;
static struct wait_queue readers;

void scancodes_add(uint8_t scancode) {
    ring[total++ % RING_SIZE] = scancode;
    wake_all(&readers);
}

static void open(struct file *file) { file->position = total; }

static int read(struct file *file, char *buffer, uint32_t length) {
    if (total - file->position > RING_SIZE) file->position = total - RING_SIZE; // too slow: the oldest are gone
    while (file->position == total) {
        int error = wait_in(&readers);
        if (error) return error;
    }
    uint32_t count = 0;
    while (count < length && file->position != total) buffer[count++] = ring[file->position++ % RING_SIZE];
    return count;
}

const struct file_operations keyboard_operations = {.read = read, .open = open};
