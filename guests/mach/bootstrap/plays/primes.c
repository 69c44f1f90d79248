// Work without system calls: the sieve of Eratosthenes.
#include "crew.h"
#include "plays/plays.h"

enum { LIMIT = 100000, PRIMES_BELOW_LIMIT = 9592, ROUNDS = 8, TASKS = 2 };

/** Each task has its own copy. */
static uint8_t composite[LIMIT];

static uint32_t count_primes(void) {
    uint32_t primes = 0;
    for (uint32_t i = 0; i < LIMIT; i++) composite[i] = i < 2;
    for (uint32_t i = 2; i < LIMIT; i++) {
        if (composite[i]) continue;
        primes++;
        for (uint32_t multiple = 2 * i; multiple < LIMIT; multiple += i) composite[multiple] = 1;
    }
    return primes;
}

static void sieve(uint32_t unused) {
    (void)unused;
    uint32_t primes = 0;
    for (int round = 0; round < ROUNDS; round++) primes += count_primes();
    finish(primes);
}

void play_primes(void) {
    struct task tasks[TASKS];
    for (int i = 0; i < TASKS; i++) tasks[i] = task_make("sieve");
    for (int i = 0; i < TASKS; i++) thread_make(tasks[i], sieve, 0);
    result("primes", finished(TASKS), TASKS * ROUNDS * PRIMES_BELOW_LIMIT);
    for (int i = 0; i < TASKS; i++) task_end(tasks[i]);
}
