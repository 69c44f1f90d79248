// halt: stops the machine.
#include "lib/pup.h"

int main(void) { return halt(); }
