// The terminal. "Cooked", it echoes and lets the line be edited before the program sees it; "raw", the program gets each
// character at once and does the rest itself (the shell does, for its history).
#include "console/terminal.h"
#include "abi/errors.h"
#include "abi/structures.h"
#include "clock/clock.h"
#include "console/console.h"
#include "current.h"
#include "process/exit.h"

enum { RING_SIZE = 4096, CTRL_C = 3, CTRL_D = 4, BACKSPACE = 8, DELETE = 127, CTRL_U = 21 };

static char ring[RING_SIZE];
static uint32_t typed, taken;
static struct wait_queue readers;
static int mode = CONSOLE_COOKED, foreground_job;
void (*terminal_hook)(char character);

void terminal_input(char character) {
    if (terminal_hook) terminal_hook(character);
    if (character == CTRL_C && mode == CONSOLE_COOKED && foreground_job) {
        console_print("^C\n");
        kill_job(foreground_job);
    } else if (typed - taken < RING_SIZE) {
        ring[typed++ % RING_SIZE] = character;
        wake_all(&readers);
    }
}

// Waits for a character; negative if the process is being killed.
static int next_character(void) {
    while (typed == taken) {
        int error = wait_in(&readers);
        if (error) return error;
    }
    return (unsigned char)ring[taken++ % RING_SIZE];
}

static void erase(uint32_t *count) {
    if (!*count) return;
    --*count;
    console_print("\b \b");
}

static int read_cooked(char *buffer, uint32_t length) {
    for (uint32_t count = 0;;) {
        int character = next_character();
        if (character < 0) return character;
        if (character == CTRL_D) {
            if (!count) return 0;
        } else if (character == BACKSPACE || character == DELETE) {
            erase(&count);
        } else if (character == CTRL_U) {
            while (count) erase(&count);
        } else if (character == '\n' || (character >= ' ' && count + 1 < length)) {
            console_put(character);
            buffer[count++] = character;
            if (character == '\n') return count;
        }
    }
}

static int read_raw(char *buffer, uint32_t length) {
    uint32_t count = 0;
    do {
        int character = next_character();
        if (character < 0) return character;
        buffer[count++] = character;
    } while (count < length && typed != taken);
    return count;
}

int terminal_read(struct file *file, char *buffer, uint32_t length) {
    (void)file;
    if (clock_is_quiet || !length) return 0; // nobody will ever type
    if (foreground_job && task_process(current_task())->job != foreground_job) return -EIO;
    return mode == CONSOLE_RAW ? read_raw(buffer, length) : read_cooked(buffer, length);
}

int terminal_control(struct file *file, uint32_t operation, uint32_t argument) {
    (void)file;
    if (operation == CONSOLE_FOREGROUND)
        foreground_job = argument;
    else if (operation <= CONSOLE_RAW)
        mode = operation;
    else
        return -EINVAL;
    return 0;
}
