// What the loader tells us (Multiboot specification 0.6.96, section 3.3).
#pragma once
#include <stdint.h>

enum { BOOT_LINE_LENGTH = 128 };
// The command line, empty if there is none.
extern char boot_line[BOOT_LINE_LENGTH];
// The physical address behind the last byte of RAM.
extern uint32_t memory_end;

// `magic` and `info` are EAX and EBX at boot.
void boot_info_read(uint32_t magic, uint32_t info);
