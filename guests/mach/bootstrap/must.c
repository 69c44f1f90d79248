// The end of a program that is wrong.
#include "must.h"
#include "console.h"
#include "truth.h"

void must(kern_return_t code) {
    if (code == 0) return;
    if (own_truth != &truths[BOOTSTRAP]) __builtin_trap();
    static int failing;
    // Saying it can fail in the same way.
    if (failing++) __builtin_trap();
    line("failed");
    field("code", code);
    hex_field("at", (uint32_t)__builtin_return_address(0));
    say();
    __builtin_trap();
}
