// Mach messages: a header, then items, each with a word that says its type. Source: The GNU Mach Reference Manual,
// section 4.2, "Messaging Interface".
#pragma once
#include "mach/types.h"

struct header {
    uint32_t bits;
    uint32_t size;
    port_t remote;
    port_t local;
    uint32_t sequence;
    uint32_t id;
};

/** Room for the largest message that is sent here: a thread's registers, or a device's name. */
enum { MESSAGE_WORDS = 48 };

struct message {
    struct header header;
    uint32_t body[MESSAGE_WORDS];
};

/** Begins a message to a port that the task has a send right for. */
void message_begin(struct message *message, port_t to, uint32_t id);

void add_integer(struct message *message, uint32_t value);
void add_integers(struct message *message, const uint32_t *values, int count);

/** Adds a text of any length. */
void add_text(struct message *message, const char *text);

/** Adds a text as a single item of `size` bytes, zeros behind the text included. */
void add_name(struct message *message, const char *text, int size);

/** Adds memory that is not copied into the message: the receiver gets the pages, copied when either side writes. */
void add_memory(struct message *message, const void *start, uint32_t size);

/** The value of an item, where all items before it are single words too. */
uint32_t item(const struct message *message, int index);

/** The address and size of the memory that is a message's first item. */
uint32_t memory_address(const struct message *message);
uint32_t memory_size(const struct message *message);

/** Sends a message. */
void send(struct message *message);

/** Receives a message into the place of what was there. */
void receive(struct message *message, port_t from);

/** Sends a message, then receives, in one system call. */
void send_and_receive(struct message *message, port_t from);

/** Calls: sends a message with a right to answer it once, and waits for the answer on `reply`. */
void call(struct message *message, port_t reply);

/** Makes an answer to a received message of that message; the next step is to add to it and send it. */
void answer_begin(struct message *message);
