// The two 8259A interrupt controllers (Intel 8259A data sheet): vectors moved away from the CPU's exceptions.
#include "arch/pic.h"
#include "arch/ports.h"

enum { MASTER = 0x20, SLAVE = 0xa0, END_OF_INTERRUPT = 0x20, CASCADE_IRQ = 2 };

static void (*lines[IRQ_COUNT])(void);
static uint16_t mask = 0xffff & ~(1 << CASCADE_IRQ);

static void set_mask(void) {
    port_write(MASTER + 1, mask & 0xff);
    port_write(SLAVE + 1, mask >> 8);
}

void pic_init(void) {
    port_write(MASTER, 0x11); // ICW1: cascade, ICW4 follows
    port_write(SLAVE, 0x11);
    port_write(MASTER + 1, VECTOR_IRQ); // ICW2: first vector
    port_write(SLAVE + 1, VECTOR_IRQ + 8);
    port_write(MASTER + 1, 1 << CASCADE_IRQ); // ICW3: who hangs where
    port_write(SLAVE + 1, CASCADE_IRQ);
    port_write(MASTER + 1, 1); // ICW4: 8086 mode
    port_write(SLAVE + 1, 1);
    set_mask();
}

// Interrupts stay off in the kernel, so ending the interrupt early cannot nest handlers; and a handler may switch tasks.
static void interrupt(struct trap_frame *frame) {
    unsigned irq = frame->vector - VECTOR_IRQ;
    if (irq >= 8) port_write(SLAVE, END_OF_INTERRUPT);
    port_write(MASTER, END_OF_INTERRUPT);
    lines[irq]();
}

void pic_handle(unsigned irq, void (*handler)(void)) {
    lines[irq] = handler;
    trap_set_handler(VECTOR_IRQ + irq, interrupt, false);
    mask &= ~(1 << irq);
    set_mask();
}

void pic_mask(unsigned irq) {
    mask |= 1 << irq;
    set_mask();
}
