// The kernel's first C function: sets up one part after the other, then becomes the idle task.
#include "arch/gdt.h"
#include "arch/pic.h"
#include "boot/boot_info.h"
#include "clock/clock.h"
#include "console/console.h"
#include "console/keyboard.h"
#include "console/screen.h"
#include "console/serial.h"
#include "memory/frames.h"
#include "paging/paging.h"
#include "process/init.h"
#include "sched/schedule.h"
#include "syscall/gate.h"

extern const char variant_name[]; // made by the build

void kernel_main(uint32_t magic, uint32_t info) {
    gdt_init();
    traps_init();
    boot_info_read(magic, info);
    frames_init();
    paging_init();
    screen_init();
    pic_init();
    serial_init();
    console_print("pup %s, %u KiB free\n", variant_name, frames_free_count * 4);
    scheduler_init();
    keyboard_init();
    clock_init();
    syscall_gate_init();
    init_start();
    idle();
}
