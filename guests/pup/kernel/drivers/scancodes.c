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

static int read(struct file *file, char *buffer, uint32_t length) {
    // A fresh file starts at the present: position 0 means that nothing was read yet. Positions are kept plus one.
    if (!file->position || total + 1 - file->position > RING_SIZE) file->position = total + 1;
    while (file->position == total + 1) {
        int error = wait_in(&readers);
        if (error) return error;
    }
    uint32_t count = 0;
    while (count < length && file->position != total + 1) buffer[count++] = ring[(file->position++ - 1) % RING_SIZE];
    return count;
}

const struct file_operations keyboard_operations = {.read = read};
