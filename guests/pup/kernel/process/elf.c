// Loading of programs: ELF, 32 bits, i386, statically linked (System V ABI, chapter 4 and 5). The file is not trusted.
#include "process/elf.h"
#include "abi/errors.h"
#include "lib/string.h"
#include "paging/paging.h"

enum { MAGIC = 0x464c457f, CLASS_32_LITTLE = 0x0101, EXECUTABLE = 2, MACHINE_386 = 3, LOAD = 1, FLAG_WRITE = 2 };

struct elf_header {
    uint32_t magic;
    uint16_t class_and_order;
    uint8_t rest[10];
    uint16_t type, machine;
    uint32_t version, entry, program_offset, section_offset, flags;
    uint16_t header_size, program_size, program_count;
};

struct elf_segment {
    uint32_t type, offset, address, physical, file_size, memory_size, flags, align;
};

// Copies what of [offset, offset + file_size) falls into the page at `page`.
static void fill_page(uint32_t frame, uint32_t page, const char *file, const struct elf_segment *segment) {
    uint32_t from = segment->address > page ? segment->address : page;
    uint32_t end = segment->address + segment->file_size;
    if (end > page + PAGE_SIZE) end = page + PAGE_SIZE;
    if (from < end)
        memcpy((char *)to_virtual(frame) + (from - page), file + segment->offset + (from - segment->address), end - from);
}

static int load_segment(const char *file, uint32_t size, const struct elf_segment *segment, struct address_space *space) {
    uint32_t end = segment->address + segment->memory_size;
    bool inside = segment->address >= IMAGE_START && end >= segment->address && end <= HEAP_LIMIT;
    bool complete = segment->offset <= size && segment->file_size <= size - segment->offset;
    if (!inside || !complete || segment->file_size > segment->memory_size) return -ENOEXEC;
    // Segments come in ascending order, each on pages of its own.
    if (segment->address < space->image_end) return -ENOEXEC;
    for (uint32_t page = segment->address & ~PAGE_MASK; page < end; page += PAGE_SIZE) {
        uint32_t frame;
        int error = space_add_page(space, page, segment->flags & FLAG_WRITE, &frame);
        if (error) return error;
        fill_page(frame, page, file, segment);
        space->image_end = page + PAGE_SIZE;
    }
    return 0;
}

int elf_load(const char *file, uint32_t size, struct address_space *space, uint32_t *entry) {
    const struct elf_header *header = (const void *)file;
    if (size < sizeof *header || header->magic != MAGIC || header->class_and_order != CLASS_32_LITTLE ||
        header->type != EXECUTABLE || header->machine != MACHINE_386)
        return -ENOEXEC;
    uint32_t table = header->program_offset, count = header->program_count;
    if (table > size || count * sizeof(struct elf_segment) > size - table) return -ENOEXEC;
    const struct elf_segment *segments = (const void *)(file + table);
    for (uint32_t i = 0; i < count; i++) {
        if (segments[i].type != LOAD || !segments[i].memory_size) continue;
        int error = load_segment(file, size, &segments[i], space);
        if (error) return error;
    }
    *entry = header->entry;
    return space_covers(space, *entry) ? 0 : -ENOEXEC;
}
