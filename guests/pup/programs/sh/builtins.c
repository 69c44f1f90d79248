// Commands that the shell does itself.
#include "sh/shell.h"

bool run_builtin(struct stage *stage) {
    char *name = stage->words[0];
    if (equal(name, "exit"))
        exit(stage->words[1] ? number_in(stage->words[1]) : 0);
    else if (equal(name, "history"))
        print_history();
    else if (equal(name, "wait"))
        wait_for_all();
    else if (equal(name, "help"))
        print("programs are in /bin (ls /bin), texts in /etc\n"
              "a | b, a &, a ; b, a > /dev/null, a < file, history, wait, exit; halt stops the machine\n");
    else
        return false;
    return true;
}
