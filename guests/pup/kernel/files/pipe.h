// Pipes.
#pragma once
#include "files/file.h"

// Makes the two ends; returns 0 or a negated error.
int pipe_create(struct file **read_end, struct file **write_end);
