// An entry of a PAE page table (Intel SDM vol. 3, 4.4). Its upper half stays zero: there is no RAM above 4 GiB.
#pragma once
#include <stdint.h>

typedef uint64_t page_entry;
