// Reads /dev/input/eventN. Source: Linux, include/uapi/linux/input.h.
#include "keys.h"
#include "villain.h"

enum { TYPE_KEY = 1, KEY_DOWN = 1, NAME_SIZE = 64 };
// EVIOCGNAME: read a string, type 'E', number 6.
enum { GET_NAME = 2u << 30 | NAME_SIZE << 16 | 'E' << 8 | 6 };

struct input_event {
    int seconds, microseconds;
    uint16_t type, code;
    int32_t value;
};

int open_keyboard(void) {
    char path[] = "/dev/input/event0";
    for (char number = '0'; number <= '9'; number++) {
        path[sizeof path - 2] = number;
        int device = open(path, READ_ONLY);
        char name[NAME_SIZE] = "";
        if (device < 0) continue;
        control(device, GET_NAME, (uintptr_t)name);
        if (contains(name, "keyboard")) return device;
        close(device);
    }
    return -1;
}

int read_keys(int keyboard, unsigned char *keys, int most) {
    struct input_event events[16];
    int count = 0;
    while (count == 0) {
        int size = read(keyboard, events, sizeof events);
        if (size < 0) return size;
        for (int i = 0; i < size / (int)sizeof *events && count < most; i++)
            if (events[i].type == TYPE_KEY && events[i].value == KEY_DOWN) keys[count++] = (unsigned char)events[i].code;
    }
    return count;
}
