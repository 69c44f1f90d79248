// Messages without answers: each task passes a token on to the next, the bootstrap task closes the ring.
#include "crew.h"
#include "mach/message.h"
#include "plays/plays.h"

enum { LINKS = 4, LAPS = 25 };

static void pass_on(struct message *token, port_t from, port_t to) {
    receive(token, from);
    uint32_t hands = item(token, 0) + 1;
    message_begin(token, to, TOKEN);
    add_integer(token, hands);
}

static void link(uint32_t unused) {
    (void)unused;
    struct message token;
    for (int lap = 0; lap < LAPS; lap++) {
        pass_on(&token, WORK, NEXT);
        send(&token);
    }
    finish(LAPS);
}

void play_ring(void) {
    struct task links[LINKS];
    port_t ports[LINKS + 1];
    for (int i = 0; i <= LINKS; i++) ports[i] = port_make();
    for (int i = 0; i < LINKS; i++) {
        links[i] = task_make("link");
        task_give(links[i], NEXT, ports[i + 1], COPY_SEND);
    }
    for (int i = 0; i < LINKS; i++) task_give(links[i], WORK, ports[i], MOVE_RECEIVE);
    for (int i = 0; i < LINKS; i++) thread_make(links[i], link, 0);

    struct message token;
    message_begin(&token, ports[0], TOKEN);
    add_integer(&token, 0);
    for (int lap = 0; lap < LAPS; lap++) {
        send(&token);
        pass_on(&token, ports[LINKS], ports[0]);
    }
    result("ring", item(&token, 0), LAPS * (LINKS + 1));
    result("laps", finished(LINKS), LAPS * LINKS);
    for (int i = 0; i < LINKS; i++) task_end(links[i]);
}
