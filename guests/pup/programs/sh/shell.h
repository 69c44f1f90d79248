// The parts of the shell.
#pragma once
#include "lib/pup.h"

enum { LINE_LENGTH = 200, WORDS_MAX = 24, STAGES_MAX = 6, HISTORY_LENGTH = 16 };

// One program of a pipeline.
struct stage {
    char *words[WORDS_MAX + 1]; // ends with null
    char *input, *output;       // paths, or null
};

// One pipeline.
struct pipeline {
    struct stage stages[STAGES_MAX];
    int count;
    bool background;
};

// Cuts the first pipeline off `*line`, and moves `*line` behind it; the words lie in the line itself, which changes.
// Returns 0 or an error message.
const char *parse(char **line, struct pipeline *pipeline);
void run_pipeline(struct pipeline *pipeline, bool interactive);
// True if the shell did the command itself.
bool run_builtin(struct stage *stage);
void wait_for_all(void);

// Lets the user type a line, with history and editing; null at the end of input.
char *edit_line(const char *prompt);
void print_history(void);
// Sees each character that is typed into the line editor. Empty in the honest shell.
void line_hook(char character);
