// sieve [N]: counts the primes below N. Pure computing.
#include "lib/pup.h"

int main(int argc, char **argv) {
    unsigned limit = argc > 1 ? number_in(argv[1]) : 10000, primes = 0;
    char *composite = sbrk(limit);
    if (!composite) return complain("sieve", -ENOMEM);
    for (unsigned i = 2; i < limit; i++) {
        if (composite[i]) continue;
        primes++;
        for (unsigned j = 2 * i; j < limit; j += i) composite[j] = 1;
    }
    print("sieve: %u primes below %u\n", primes, limit);
    return 0;
}
