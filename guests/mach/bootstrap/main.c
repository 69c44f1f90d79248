// The bootstrap task: the only program that GNU Mach is given. It makes tasks and threads that exchange messages, says
// on the console what it does, and at the end what everybody did.
#include "console.h"
#include "crew.h"
#include "mach/message.h"
#include "mach/traps.h"
#include "must.h"
#include "plays/plays.h"
#include "truth.h"

static port_t port_of(const char *digits) {
    port_t port = 0;
    for (; *digits; digits++) port = port * 10 + (*digits - '0');
    return port;
}

void result(const char *of, uint32_t found, uint32_t expected) {
    line("result");
    text_field("of", of);
    field("found", found);
    field("expected", expected);
    say();
    must(found != expected);
}

// The kernel would not know what to do without its first task.
static void wait_forever(port_t port) {
    struct message message;
    for (;;) receive(&message, port);
}

// The arguments are those of the module's string: our name, the number of the port for devices.
void main(int count, char **arguments) {
    port_t reply = mach_reply_port();
    must(count != 2);
    console_open(port_of(arguments[1]), reply);
    line("bootstrap");
    text_field("program", arguments[0]);
    say();
    crew_begin(reply);
    play_squares();
    play_ring();
    play_memory();
    play_primes();
    play_crash();
    truth_print(1);
    wait_forever(reply);
}
