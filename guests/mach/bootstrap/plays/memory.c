// Memory out of line: the kernel hands the receiver the sender's pages, and copies one only when somebody writes to it.
#include "crew.h"
#include "mach/message.h"
#include "mach/traps.h"
#include "must.h"
#include "plays/plays.h"

enum { ROUNDS = 10, PAGES = 4, WORDS = PAGES * PAGE_SIZE / sizeof(uint32_t) };

static uint32_t sum_of(const uint32_t *words) {
    uint32_t sum = 0;
    for (int i = 0; i < WORDS; i++) sum += words[i];
    return sum;
}

static void receive_pages(uint32_t unused) {
    (void)unused;
    port_t self = mach_task_self();
    for (int round = 0; round < ROUNDS; round++) {
        struct message message;
        receive(&message, WORK);
        uint32_t address = memory_address(&message);
        uint32_t sum = sum_of((const uint32_t *)address);
        must(vm_deallocate(self, address, memory_size(&message)));
        answer_begin(&message);
        add_integer(&message, sum);
        send(&message);
    }
    finish(0);
}

static void send_pages(uint32_t unused) {
    (void)unused;
    port_t reply = mach_reply_port();
    uint32_t address = 0, sum = 0;
    must(vm_allocate(mach_task_self(), &address, PAGES * PAGE_SIZE, 1));
    uint32_t *words = (uint32_t *)address;
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < WORDS; i++) words[i] = round * i;
        struct message message;
        message_begin(&message, WORK, SUM);
        add_memory(&message, words, PAGES * PAGE_SIZE);
        call(&message, reply);
        sum += item(&message, 0);
    }
    finish(sum);
}

void play_memory(void) {
    port_t pages = port_make();
    struct task sender = task_make("sender");
    struct task receiver = task_make("receiver");
    task_give(sender, WORK, pages, COPY_SEND);
    task_give(receiver, WORK, pages, MOVE_RECEIVE);
    thread_make(receiver, receive_pages, 0);
    thread_make(sender, send_pages, 0);
    uint32_t expected = (ROUNDS * (ROUNDS - 1) / 2) * (WORDS * (WORDS - 1) / 2);
    result("memory", finished(2), expected);
    task_end(sender);
    task_end(receiver);
}
