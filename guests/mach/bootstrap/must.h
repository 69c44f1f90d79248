// What to do when a call fails that cannot fail unless this program is wrong.
#pragma once
#include "mach/types.h"

/** Goes on if `code` is 0. Else a child crashes, of which the bootstrap task is told; that one says it and stops. */
void must(kern_return_t code);
