/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The option `command`: a program and arguments that stand before those of the dialect.
 * Blanks separate, quotes '…' and "…" keep blanks. No shell: nothing is expanded.
 */
#ifndef EXEC_COMMAND_H
#define EXEC_COMMAND_H

#include "words.h"

#define EXEC_COMMAND_WORDS_MAX 64

/* NULL, or what is wrong with the text. */
const char *exec_command_split(const char *text, struct exec_words *words);

/* NULL, or why this program should not be run. */
const char *exec_command_check(const char *path);

/* The same for a script that a shell will read. */
const char *exec_command_check_script(const char *path);

#endif
