// Folders, made up from the paths in the archive and the names of devices.
#include "files/folder.h"
#include "abi/errors.h"
#include "drivers/device.h"
#include "files/archive.h"
#include "lib/string.h"
#include "memory/frames.h"
#include "paging/paging.h"

// The whole listing is made when the folder is opened. Names in the archive are few: it fits a page.
struct listing {
    uint32_t length;
    char text[PAGE_SIZE - sizeof(uint32_t)];
};

// Folders below the one listed show once, with a slash: their files lie side by side in the archive.
static void add(struct listing *listing, const char *name) {
    static char last[PATH_LENGTH];
    uint32_t length = 0;
    while (name[length] && name[length] != '/') length++;
    if (name[length] == '/') length++;
    char entry[PATH_LENGTH];
    string_copy(entry, name, length + 1 < PATH_LENGTH ? length + 1 : PATH_LENGTH);
    if (listing->length && string_equal(entry, last)) return;
    if (listing->length + length + 1 > sizeof listing->text) return;
    memcpy(listing->text + listing->length, entry, length);
    listing->text[listing->length + length] = '\n';
    listing->length += length + 1;
    string_copy(last, entry, sizeof last);
}

static void list_archive(struct listing *listing, const char *folder) {
    for (const struct archive_file *file = archive_next(0); file; file = archive_next(file))
        if (string_begins(file->path, folder)) add(listing, file->path + string_length(folder));
}

static int read(struct file *file, char *buffer, uint32_t length) {
    struct listing *listing = file->object;
    uint32_t left = listing->length - file->position;
    if (length > left) length = left;
    memcpy(buffer, listing->text + file->position, length);
    file->position += length;
    return length;
}

static void close(struct file *file) { frame_free(to_physical(file->object)); }

static const struct file_operations operations = {.read = read, .close = close};

struct file *folder_open(const char *path, int *error) {
    char folder[PATH_LENGTH + 1];
    string_copy(folder, path, PATH_LENGTH);
    uint32_t length = string_length(folder);
    if (!length || folder[length - 1] != '/') folder[length] = '/', folder[length + 1] = 0;

    uint32_t frame = frame_allocate_zeroed();
    struct listing *listing = to_virtual(frame);
    struct file *file = frame ? file_create(&operations, listing) : 0;
    *error = -ENOMEM;
    if (!file) goto failed;
    list_archive(listing, folder);
    if (string_equal(folder, "/")) add(listing, "dev/");
    if (string_equal(folder, "/dev/"))
        for (const struct device *device = devices; device->name; device++) add(listing, device->name);
    if (listing->length) return file;
    *error = -ENOENT;
    file_release(file);
    return 0;

failed:
    if (frame) frame_free(frame);
    return 0;
}
