/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The option `environment-file`: lines KEY=VALUE for the environment of the command.
 *
 *     # a comment
 *     CF_TOKEN=abc#def                  up to the first blank; nothing is expanded
 *     export NAME='all is literal: $x'
 *     OTHER="with \" \\ \$ \` and nothing else after a backslash"
 *
 * A file that a shell would read differently is refused where that can be seen.
 */
#ifndef EXEC_ENVIRONMENT_H
#define EXEC_ENVIRONMENT_H

#include "words.h"

#define EXEC_ENVIRONMENT_MAX 256 /* variables */

/* What is wrong and where; the text never holds a value. */
struct exec_environment_error {
    size_t line; /* from 1 */
    const char *why;
};

/* True: `words` has what the file says. False: *ret_error says why. */
bool exec_environment_parse(const char *text, size_t size, struct exec_words *words,
                            struct exec_environment_error *ret_error);

#endif
