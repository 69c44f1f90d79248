// top [ROUNDS]: each second, who has used the CPU since the second before.
#include "lib/pup.h"

enum { MOST = 256 };

static unsigned ticks_before(const struct process_info *list, int count, int pid) {
    for (int i = 0; i < count; i++)
        if (list[i].pid == pid) return list[i].ticks;
    return 0;
}

int main(int argc, char **argv) {
    static struct process_info before[MOST], now[MOST];
    int rounds = argc > 1 ? number_in(argv[1]) : 3;
    int count_before = ps(before, MOST);
    while (rounds-- > 0) {
        sleep(TICKS_PER_SECOND);
        int count = ps(now, MOST);
        struct memory_info info;
        memory(&info);
        print("top: %d processes, %u of %u frames free, t=%u\n", count, info.frames_free, info.frames_total, ticks());
        for (int i = 0; i < count; i++) {
            unsigned used = now[i].ticks - ticks_before(before, count_before, now[i].pid);
            print("%10d %c %3u%% %s\n", now[i].pid, now[i].state, used * 100 / TICKS_PER_SECOND, now[i].name);
            before[i] = now[i];
        }
        count_before = count;
    }
    return 0;
}
