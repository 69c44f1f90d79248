// init: opens no files of its own (the kernel gave it the console), keeps a shell running, and collects orphans.
// If there is a script for the start, it runs that instead and switches the machine off: /etc/start in the image, or
// "run=PATH" on the kernel's command line.
#include "lib/pup.h"

static char *script_to_run(int argc, char **argv) {
    for (char *at = argc > 1 ? argv[1] : ""; *at; at++) {
        if (at[0] != 'r' || at[1] != 'u' || at[2] != 'n' || at[3] != '=') continue;
        char *path = at + 4;
        for (at = path; *at && *at != ' ';) at++;
        *at = 0;
        return path;
    }
    int file = open("/etc/start");
    if (file < 0) return 0;
    close(file);
    return "/etc/start";
}

static void run_and_wait(char **arguments) {
    int shell = start_program(arguments);
    if (shell < 0) complain("init: cannot start the shell", shell);
    for (int pid; (pid = wait(0)) != shell;)
        if (pid == -ECHILD) return;
}

int main(int argc, char **argv) {
    char *script = script_to_run(argc, argv);
    if (script) {
        run_and_wait((char *[]){"sh", script, 0});
        halt();
    }
    for (;;) run_and_wait((char *[]){"sh", 0});
}
