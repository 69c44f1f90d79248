// Folders: they exist only as the beginnings of paths. One reads as names, a line each.
#pragma once
#include "files/file.h"

// Opens the folder `path` ("/bin" or "/bin/"); null and an error if there is none.
struct file *folder_open(const char *path, int *error);
