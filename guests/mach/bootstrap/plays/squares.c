// Remote procedure calls: clients ask for squares, a server answers. The kernel chooses which of its threads gets what.
#include "crew.h"
#include "mach/message.h"
#include "mach/traps.h"
#include "plays/plays.h"

enum { SERVER_THREADS = 3, CLIENTS = 3, CLIENT_THREADS = 2, REQUESTS = 40 };

static void serve(uint32_t unused) {
    (void)unused;
    uint32_t served = 0;
    struct message message;
    receive(&message, WORK);
    while (message.header.id != STOP) {
        uint32_t number = item(&message, 0);
        served++;
        answer_begin(&message);
        add_integer(&message, number * number);
        send_and_receive(&message, WORK);
    }
    finish(served);
}

static void ask(uint32_t first) {
    port_t reply = mach_reply_port();
    uint32_t sum = 0;
    for (uint32_t number = first; number < first + REQUESTS; number++) {
        struct message message;
        message_begin(&message, WORK, SQUARE);
        add_integer(&message, number);
        call(&message, reply);
        sum += item(&message, 0);
    }
    finish(sum);
}

void play_squares(void) {
    port_t service = port_make();
    struct task clients[CLIENTS];
    struct task server = task_make("server");
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = task_make("client");
        task_give(clients[i], WORK, service, COPY_SEND);
    }
    task_give(server, WORK, service, MOVE_RECEIVE);
    for (int i = 0; i < SERVER_THREADS; i++) thread_make(server, serve, 0);
    for (int i = 0; i < CLIENTS * CLIENT_THREADS; i++) thread_make(clients[i / CLIENT_THREADS], ask, i * REQUESTS);

    uint32_t expected = 0;
    for (uint32_t number = 0; number < CLIENTS * CLIENT_THREADS * REQUESTS; number++) expected += number * number;
    result("squares", finished(CLIENTS * CLIENT_THREADS), expected);

    for (int i = 0; i < SERVER_THREADS; i++) {
        struct message stop;
        message_begin(&stop, service, STOP);
        send(&stop);
    }
    result("served", finished(SERVER_THREADS), CLIENTS * CLIENT_THREADS * REQUESTS);
    for (int i = 0; i < CLIENTS; i++) task_end(clients[i]);
    task_end(server);
}
