/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words and signs of a configuration file, one by one.
 *
 * The syntax is libconfuse's. The reading is our own, because libconfuse (3.3) stops at
 * the first unknown name, has no lists in free-form sections, drops stray characters
 * and puts environment variables into texts without a word, ends the process when
 * memory is short, and takes a time quadratic in the number of sections (10,000
 * certificates: half a second).
 */
#ifndef AC_CONFIG_LEXER_H
#define AC_CONFIG_LEXER_H

#include "base/text.h"

#define AC_CONFIG_WORD_MAX 4096 /* bytes of one word; a path at most */

enum ac_token_kind {
    AC_TOKEN_END,
    AC_TOKEN_WORD,   /* quoted or not */
    AC_TOKEN_EQUALS, /* = */
    AC_TOKEN_COMMA,
    AC_TOKEN_OPEN,  /* { */
    AC_TOKEN_CLOSE, /* } */
    AC_TOKEN_BAD    /* text: what is wrong */
};

struct ac_token {
    enum ac_token_kind kind;
    unsigned line;
    bool begins_line; /* only blanks before it */
    const char *text; /* as a person sees it; lent until the next token */
};

/* Zero but for bytes and size, which are borrowed. */
struct ac_lexer {
    const char *bytes;
    size_t size;
    size_t at;
    unsigned line_breaks; /* passed so far */
    bool is_within_line;
    struct ac_text word;
};

/*
 * Comments: # and // to the end of the line, and C's. Quoted texts end in their line;
 * within "…" a backslash takes the next character as it is (\n and \t are no part of
 * any value), within '…' only \' and \\ are special.
 */
AC_MUST enum ac_code ac_lexer_next(struct ac_lexer *lexer, struct ac_token *ret_token,
                                   struct ac_error *err);
void ac_lexer_done(struct ac_lexer *lexer);
AC_DEFINE_DROP_VALUE(ac_lexer, ac_lexer_done)

#endif
