// pingpong N: two processes send each other a byte, N times there and back: two context switches a round.
#include "lib/pup.h"

static void bounce(int from, int to, int rounds) {
    unsigned char ball;
    for (int i = 0; i < rounds && read(from, &ball, 1) == 1; i++) {
        ball++;
        write(to, &ball, 1);
    }
}

int main(int argc, char **argv) {
    int rounds = argc > 1 ? number_in(argv[1]) : 100;
    int there[2], back[2], error = pipe(there);
    if (!error) error = pipe(back);
    if (error) return complain("pingpong", error);
    int pid = fork();
    if (pid < 0) return complain("pingpong: fork", pid);
    if (pid == 0) {
        close(there[1]);
        bounce(there[0], back[1], rounds);
        exit(0);
    }
    close(back[1]);
    unsigned char ball = 0;
    write(there[1], &ball, 1);
    bounce(back[0], there[1], rounds - 1);
    if (rounds) read(back[0], &ball, 1);
    wait(0);
    print("pingpong: %d rounds, ball %u\n", rounds, ball);
    return ball != (unsigned char)(2 * rounds - 1); // each bounce adds one; the last catch adds none
}
