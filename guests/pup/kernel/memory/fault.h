// Page faults.
#pragma once
#include <stdbool.h>
#include "arch/trap.h"

// True if the fault was the first touch of a page and has been served.
bool page_fault(struct trap_frame *frame);
