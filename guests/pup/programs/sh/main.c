// sh [SCRIPT]: reads commands from the console, or from a file and then shows each before it runs.
#include "sh/shell.h"

static void run_line(char *line, bool interactive) {
    while (*line) {
        struct pipeline pipeline;
        const char *error = parse(&line, &pipeline);
        if (error) {
            print_to(2, "sh: %s\n", error);
            return;
        }
        if (!pipeline.count) continue;
        bool alone = pipeline.count == 1 && !pipeline.background;
        if (!alone || !run_builtin(&pipeline.stages[0])) run_pipeline(&pipeline, interactive);
    }
}

static int run_script(const char *path) {
    static struct line_reader reader;
    reader.file = open(path);
    if (reader.file < 0) return complain(path, reader.file);
    for (char *line; (line = next_line(&reader));) {
        if (!*line || *line == '#') continue;
        print("+ %s\n", line);
        run_line(line, false);
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 1) return run_script(argv[1]);
    set_job(0, getpid());
    control(0, CONSOLE_FOREGROUND, getpid());
    for (char *line; (line = edit_line("pup# "));) run_line(line, true);
    return 0;
}
