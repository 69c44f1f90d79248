// Composes messages and takes them apart; counts those that were sent and received.
#include "mach/message.h"
#include "mach/traps.h"
#include "must.h"
#include "truth.h"

enum { OPTION_SEND = 1, OPTION_RECEIVE = 2 };
enum { TYPE_INTEGER_32 = 2, TYPE_INTEGER_8 = 9, TYPE_STRING = 12 };
enum { BITS_OF_A_BYTE = 8, BITS_OF_A_WORD = 32 };
enum { INLINE = 1 << 28, LONG_FORM = 1 << 29 };
/** The message carries rights or memory. */
static const uint32_t COMPLEX = 1u << 31;

/** What the header says of the right in `remote`, and of the one in `local`. */
static uint32_t rights(enum disposition remote, enum disposition local) { return remote | local << 8; }

static uint32_t type_word(uint32_t name, uint32_t bits, uint32_t count) {
    return name | bits << 8 | count << 16 | INLINE;
}

static void add_word(struct message *message, uint32_t word) {
    uint32_t index = (message->header.size - sizeof message->header) / sizeof word;
    if (index >= MESSAGE_WORDS) __builtin_trap();
    message->body[index] = word;
    message->header.size += sizeof word;
}

void message_begin(struct message *message, port_t to, uint32_t id) {
    message->header = (struct header){
        .bits = rights(COPY_SEND, 0),
        .size = sizeof message->header,
        .remote = to,
        .id = id,
    };
}

void add_integers(struct message *message, const uint32_t *values, int count) {
    add_word(message, type_word(TYPE_INTEGER_32, BITS_OF_A_WORD, count));
    for (int i = 0; i < count; i++) add_word(message, values[i]);
}

void add_integer(struct message *message, uint32_t value) { add_integers(message, &value, 1); }

// The bytes of a text in whole words, zeros behind it.
static void add_bytes(struct message *message, const char *text, int size) {
    for (int i = 0; i < size; i += sizeof(uint32_t)) {
        uint32_t word = 0;
        for (int byte = 0; byte < 4 && *text; byte++) word |= (uint32_t)(uint8_t)*text++ << (byte * BITS_OF_A_BYTE);
        add_word(message, word);
    }
}

void add_text(struct message *message, const char *text) {
    int size = 1;
    while (text[size - 1]) size++;
    add_word(message, type_word(TYPE_STRING, BITS_OF_A_BYTE, size));
    add_bytes(message, text, size);
}

// The long form of a type: the word with the flags, name and size of an element, count.
static void add_long_type(struct message *message, uint32_t flags, uint32_t name, uint32_t bits, uint32_t count) {
    add_word(message, flags | LONG_FORM);
    add_word(message, name | bits << 16);
    add_word(message, count);
}

void add_name(struct message *message, const char *text, int size) {
    add_long_type(message, INLINE, TYPE_STRING, size * BITS_OF_A_BYTE, 1);
    add_bytes(message, text, size);
}

void add_memory(struct message *message, const void *start, uint32_t size) {
    message->header.bits |= COMPLEX;
    add_long_type(message, 0, TYPE_INTEGER_8, BITS_OF_A_BYTE, size);
    add_word(message, (uint32_t)start);
}

uint32_t item(const struct message *message, int index) { return message->body[2 * index + 1]; }
uint32_t memory_size(const struct message *message) { return message->body[2]; }
uint32_t memory_address(const struct message *message) { return message->body[3]; }

static void exchange(struct message *message, uint32_t options, port_t from) {
    uint32_t send_size = options & OPTION_SEND ? message->header.size : 0;
    uint32_t receive_size = options & OPTION_RECEIVE ? sizeof *message : 0;
    must(mach_msg(&message->header, options, send_size, receive_size, from, 0, PORT_NULL));
}

void send(struct message *message) {
    exchange(message, OPTION_SEND, PORT_NULL);
    count(&own_truth->sent);
}

void receive(struct message *message, port_t from) {
    exchange(message, OPTION_RECEIVE, from);
    count(&own_truth->received);
}

void send_and_receive(struct message *message, port_t from) {
    // Counted before: the answer to some messages is the end of their sender.
    count(&own_truth->sent);
    exchange(message, OPTION_SEND | OPTION_RECEIVE, from);
    count(&own_truth->received);
}

void call(struct message *message, port_t reply) {
    message->header.local = reply;
    message->header.bits |= rights(0, MAKE_SEND_ONCE);
    send_and_receive(message, reply);
}

// A received header names the right to answer in `remote`, and what kind of right it is.
void answer_begin(struct message *message) {
    message->header.bits &= 0xff;
    message->header.local = PORT_NULL;
    message->header.size = sizeof message->header;
}
