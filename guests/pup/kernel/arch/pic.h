// The two 8259A interrupt controllers.
#pragma once
#include "arch/trap.h"

// Moves IRQ 0-15 to vectors 32-47 and masks them all.
void pic_init(void);
// Installs a handler and unmasks the line. The controller is told the end of the interrupt before the handler runs.
void pic_handle(unsigned irq, void (*handler)(void));
void pic_mask(unsigned irq);
