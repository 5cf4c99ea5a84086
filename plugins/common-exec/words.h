/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a command line, or the KEY=VALUE words of an environment: bounded, and
 * wiped when they are dropped, because some of them are credentials.
 *
 * The first thing that goes wrong is kept in `wrong`, and nothing is added after it: a
 * dialect adds all its words and asks once.
 */
#ifndef EXEC_WORDS_H
#define EXEC_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define EXEC_WORD_MAX  (128u * 1024u - 1u) /* bytes; Linux takes no longer one */
#define EXEC_WORDS_MAX (768u * 1024u)      /* bytes of all; two lists fit in ARG_MAX */

struct exec_words {
    char *bytes; /* the words one after the other, each with its NUL */
    size_t size, room;
    size_t count;
    const char *wrong; /* NULL, or why something could not be added */
};

#define EXEC_NO_MEMORY  "out of memory"
#define EXEC_TOO_LONG   "the values are too long for a command line"
#define EXEC_AUTO_WORDS __attribute__((cleanup(exec_words_drop))) struct exec_words

void exec_words_drop(struct exec_words *words);

/* A text with a line break is refused: no contract has one, so it was smuggled in. */
void exec_words_add(struct exec_words *words, const char *text);
void exec_words_add_joined(struct exec_words *words, const char *first,
                           const char *second, const char *third);
/* A constant of ours, with line breaks as they are. */
void exec_words_add_script(struct exec_words *words, const char *text);

/* KEY=VALUE; an earlier value of the key is replaced. */
void exec_words_set(struct exec_words *words, const char *key, const char *value);
void exec_words_set_joined(struct exec_words *words, const char *key, const char *first,
                           const char *second);
/* The same, with line breaks as they are: for what the command itself printed. */
void exec_words_set_as_is(struct exec_words *words, const char *key, const char *value);
/* Only if the key has no value yet. */
void exec_words_default(struct exec_words *words, const char *key, const char *value);

/* May all of `more` be copied to them? */
bool exec_words_have_room(const struct exec_words *words,
                          const struct exec_words *more);

/* The value of a key, lent; NULL if there is none. */
const char *exec_words_get(const struct exec_words *words, const char *key);
/* The word after `word`, NULL after the last; the first for NULL. */
const char *exec_words_next(const struct exec_words *words, const char *word);
void exec_words_copy(struct exec_words *words, const struct exec_words *from);

/* For execve: NULL-terminated, to be freed; lent words. NULL: out of memory. */
const char **exec_words_pointers(const struct exec_words *words);

#endif
