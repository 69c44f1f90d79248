// free: how much memory is left.
#include "lib/pup.h"

int main(void) {
    struct memory_info info;
    memory(&info);
    print("%u of %u frames of 4 KiB free\n", info.frames_free, info.frames_total);
    return 0;
}
