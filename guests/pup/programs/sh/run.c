// Running pipelines. All processes of one carry the number of the first as their job.
#include "sh/shell.h"

static void redirect(const char *path, int to) {
    int file = open(path);
    if (file < 0) exit(complain(path, file));
    dup(file, to);
    close(file);
}

// In the child: connects the files and becomes the program.
static _Noreturn void become(struct stage *stage, int input, int output) {
    if (input != 0) dup(input, 0), close(input);
    if (output != 1) dup(output, 1), close(output);
    if (stage->input) redirect(stage->input, 0);
    if (stage->output) redirect(stage->output, 1);
    char path[64] = "/bin/";
    char *name = stage->words[0];
    size_t length = length_of(name);
    if (*name != '/' && length < sizeof path - 5) memcpy(path + 5, name, length + 1);
    int error = exec(*name == '/' ? name : path, stage->words);
    exit(complain(name, error) + 126);
}

static void foreground(int job) { control(0, CONSOLE_FOREGROUND, job); }

static void report(int pid, int status) {
    if (status >= 128) print("sh: %d ended with status %d\n", pid, status);
}

// Collects ended children until `left` of the job's are gone; others that end are background jobs.
static void wait_for_job(const int *pids, int left) {
    int count = left;
    while (left > 0) {
        int status, pid = wait(&status);
        if (pid < 0) return;
        for (int i = 0; i < count; i++)
            if (pids[i] == pid) left--;
        report(pid, status);
    }
}

void wait_for_all(void) {
    int status;
    for (int pid; (pid = wait(&status)) > 0;) report(pid, status);
}

void run_pipeline(struct pipeline *pipeline, bool interactive) {
    int pids[STAGES_MAX], started = 0, input = 0;
    for (int i = 0; i < pipeline->count; i++) {
        int ends[2] = {0, 1};
        if (i + 1 < pipeline->count && pipe(ends) < 0) break;
        int pid = fork();
        if (pid == 0) {
            set_job(0, started ? pids[0] : getpid());
            if (interactive && !pipeline->background && !started) foreground(getpid());
            if (ends[0]) close(ends[0]);
            become(&pipeline->stages[i], input, ends[1]);
        }
        if (input) close(input);
        if (ends[1] != 1) close(ends[1]);
        input = ends[0];
        if (pid < 0) {
            complain("sh: fork", pid);
            break;
        }
        pids[started++] = pid;
        set_job(pid, pids[0]);
    }
    if (input) close(input);
    if (pipeline->background) {
        if (started) print("[%d]\n", pids[started - 1]);
        return;
    }
    if (interactive && started) foreground(pids[0]);
    wait_for_job(pids, started);
    if (interactive) foreground(getpid());
}
