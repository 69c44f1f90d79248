// From text to pipelines: words, "quotes", | < > & ; and # for comments.
#include "sh/shell.h"

static bool is_operator(char character) {
    return character == '|' || character == '<' || character == '>' || character == '&' || character == ';';
}

// Reads one word at *at; null if there is none. The word is moved together inside the line and ended with 0, so the
// character behind it is handed out through `behind`.
static char *read_word(char **at, char *behind) {
    char *word = *at, *to = word, quote = 0;
    if (!*word || is_operator(*word)) return 0;
    for (; **at; ++*at) {
        char character = **at;
        if (quote) {
            if (character == quote)
                quote = 0;
            else
                *to++ = character;
        } else if (character == '"' || character == '\'') {
            quote = character;
        } else if (character == ' ' || is_operator(character)) {
            break;
        } else {
            *to++ = character;
        }
    }
    *behind = **at;
    if (**at) ++*at;
    *to = 0;
    return word;
}

// The state of the parser: where it is, and an operator that a word's end has swallowed.
struct cursor {
    char *at, pending;
};

static char next_operator(struct cursor *cursor) {
    char character = cursor->pending;
    cursor->pending = 0;
    if (character && character != ' ') return character;
    while (*cursor->at == ' ') cursor->at++;
    if (!is_operator(*cursor->at)) return 0;
    return *cursor->at++;
}

static char *next_word(struct cursor *cursor) {
    while (*cursor->at == ' ') cursor->at++;
    return read_word(&cursor->at, &cursor->pending);
}

const char *parse(char **line, struct pipeline *pipeline) {
    struct cursor cursor = {*line, 0};
    *pipeline = (struct pipeline){0};
    struct stage *stage = pipeline->stages;
    int words = 0;
    for (;;) {
        char symbol = next_operator(&cursor);
        if (symbol == '<' || symbol == '>') {
            char *path = next_word(&cursor);
            if (!path) return "a file is missing";
            *(symbol == '<' ? &stage->input : &stage->output) = path;
            continue;
        }
        if (!symbol) {
            if (*cursor.at == '#') *cursor.at = 0;
            char *word = next_word(&cursor);
            if (word) {
                if (words == WORDS_MAX) return "too many words";
                stage->words[words++] = word;
                continue;
            }
        }
        // The stage ends here; and the pipeline too, unless another stage follows.
        if (!words && pipeline->count) return "bad pipeline"; // nothing behind the last |
        if (words) pipeline->count++;
        if (symbol != '|') {
            pipeline->background = symbol == '&';
            *line = cursor.at;
            return pipeline->background && !pipeline->count ? "a command is missing" : 0;
        }
        if (!words || pipeline->count == STAGES_MAX) return "bad pipeline";
        stage = &pipeline->stages[pipeline->count];
        words = 0;
    }
}
