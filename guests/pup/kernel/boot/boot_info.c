// Reads the multiboot information. Loaders differ: v86's own gives a memory map but no sizes, others give sizes only.
#include "boot/boot_info.h"
#include "lib/string.h"
#include "paging/paging.h"

enum { MAGIC = 0x2badb002, HAS_MEMORY = 1, HAS_LINE = 4, HAS_MAP = 64, USABLE = 1 };
enum { MIB = 1 << 20, DEFAULT_MEMORY = 16 * MIB };

struct multiboot_info {
    uint32_t flags, memory_lower_kib, memory_upper_kib, boot_device, command_line;
    uint32_t modules[2], symbols[4], map_length, map_address;
};

struct map_entry {
    uint32_t size; // of what follows
    uint32_t base, base_high, length, length_high, type;
};

char boot_line[BOOT_LINE_LENGTH];
uint32_t memory_end = DEFAULT_MEMORY;

// The RAM above 1 MiB is what counts; holes above it are not used.
static uint32_t end_from_map(const struct multiboot_info *info) {
    for (uint32_t at = info->map_address; at < info->map_address + info->map_length;) {
        const struct map_entry *entry = to_virtual(at);
        bool above_hole = entry->base_high == 0 && entry->base <= MIB && entry->base + entry->length > MIB;
        if (entry->type == USABLE && above_hole) return entry->base + entry->length;
        at += entry->size + sizeof entry->size;
    }
    return DEFAULT_MEMORY;
}

void boot_info_read(uint32_t magic, uint32_t address) {
    if (magic != MAGIC) return;
    const struct multiboot_info *info = to_virtual(address);
    if (info->flags & HAS_LINE) string_copy(boot_line, to_virtual(info->command_line), sizeof boot_line);
    if (info->flags & HAS_MEMORY)
        memory_end = MIB + info->memory_upper_kib * 1024;
    else if (info->flags & HAS_MAP)
        memory_end = end_from_map(info);
    if (memory_end > MEMORY_LIMIT) memory_end = MEMORY_LIMIT;
}
