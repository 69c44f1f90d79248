// The line editor: the terminal is raw while a line is typed, so that arrow keys can walk through the history.
#include "sh/shell.h"

enum { ENTER = '\n', CTRL_C = 3, CTRL_D = 4, BACKSPACE = 8, DELETE = 127, CTRL_U = 21, ESCAPE = 27 };

static char history[HISTORY_LENGTH][LINE_LENGTH];
static int remembered; // lines ever
static char line[LINE_LENGTH];
static int length;

// One at a time: what is typed ahead may be meant for the program that the line starts.
static int next_character(void) {
    unsigned char character;
    return read(0, &character, 1) == 1 ? character : -1;
}

static void erase(int count) {
    for (; count > 0; count--, length--) print("\b \b");
}

static void replace(const char *text) {
    erase(length);
    length = length_of(text);
    memcpy(line, text, length);
    write(1, line, length);
}

// Moves through the history: `back` lines ago, 0 being the empty line that was begun.
static void recall(int *back, int step) {
    int wanted = *back + step;
    if (wanted < 0 || wanted > remembered || wanted > HISTORY_LENGTH) return;
    *back = wanted;
    replace(wanted ? history[(remembered - wanted) % HISTORY_LENGTH] : "");
}

static void remember(void) {
    if (length) memcpy(history[remembered++ % HISTORY_LENGTH], line, length + 1);
}

void print_history(void) {
    int first = remembered > HISTORY_LENGTH ? remembered - HISTORY_LENGTH : 0;
    for (int i = first; i < remembered; i++) print("%3d %s\n", i + 1, history[i % HISTORY_LENGTH]);
}

static void arrow(int *back) {
    if (next_character() != '[') return;
    int final = next_character();
    if (final == 'A') recall(back, 1);
    if (final == 'B') recall(back, -1);
}

static char *finish(void) {
    print("\n");
    line[length] = 0;
    control(0, CONSOLE_COOKED, 0);
    return line;
}

char *edit_line(const char *prompt) {
    control(0, CONSOLE_RAW, 0);
    print("%s", prompt);
    length = 0;
    for (int back = 0;;) {
        int character = next_character();
        if (character >= 0) line_hook(character);
        if (character < 0 || (character == CTRL_D && !length)) {
            finish();
            return 0;
        } else if (character == ENTER) {
            line[length] = 0;
            remember();
            return finish();
        } else if (character == CTRL_C) {
            length = 0;
            return finish();
        } else if (character == ESCAPE) {
            arrow(&back);
        } else if (character == BACKSPACE || character == DELETE) {
            erase(length > 0);
        } else if (character == CTRL_U) {
            erase(length);
        } else if (character >= ' ' && length < LINE_LENGTH - 1) {
            line[length++] = character;
            write(1, &line[length - 1], 1);
        }
    }
}
