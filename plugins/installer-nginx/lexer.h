/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of nginx's configuration: separated by blanks, `;`, `{` and `}`, quoted by
 * ' or " at their beginning, with \ before a character that stands for itself, and
 * comments from `#` to the end of a line.
 */
#ifndef LEXER_H
#define LEXER_H

#include <stdbool.h>
#include <stddef.h>

#define TOKEN_VALUE_MAX 4096 /* bytes of a word, with its NUL */

enum token_kind {
    TOKEN_WORD,
    TOKEN_SEMICOLON,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_END,
    TOKEN_BAD /* a quote that is not closed */
};

struct token {
    enum token_kind kind;
    size_t begin, end; /* offsets of its bytes, with the quotes */
};

/* The one at or after *at, which is moved behind it. */
struct token token_next(const char *text, size_t size, size_t *at);

/* What a word says, without quotes and backslashes. False: it is too long, or has a
 * NUL. */
bool token_value(const char *text, const struct token *token,
                 char value[TOKEN_VALUE_MAX]);

/* After the `{` of a block that is Lua, not configuration: moves *at behind its `}`.
 * False: it has no end. */
bool token_skip_lua(const char *text, size_t size, size_t *at);

/* From 1. */
size_t token_line(const char *text, size_t offset);

#endif
