/* SPDX-License-Identifier: Apache-2.0 */
#include "config/lexer.h"

#include <string.h>

#define CLEAN_SIZE ((size_t)AC_CONFIG_WORD_MAX * 2)

static int peek(const struct ac_lexer *lexer, size_t ahead)
{
    return lexer->at + ahead < lexer->size
               ? (unsigned char)lexer->bytes[lexer->at + ahead]
               : -1;
}

static bool is_blank(int character)
{
    return character == ' ' || character == '\t' || character == '\r';
}

static bool is_word_character(int character)
{
    return character > ' ' && character != 0x7F && !strchr("#\"'{}=,;()", character);
}

static void skip_line(struct ac_lexer *lexer)
{
    while (peek(lexer, 0) != '\n' && peek(lexer, 0) >= 0)
        lexer->at++;
}

static void break_line(struct ac_lexer *lexer)
{
    lexer->line_breaks++;
    lexer->is_within_line = false;
}

/* False: it has no end. */
static bool skip_long_comment(struct ac_lexer *lexer)
{
    for (lexer->at += 2; lexer->at < lexer->size; lexer->at++) {
        if (peek(lexer, 0) == '\n')
            break_line(lexer);
        if (peek(lexer, 0) == '*' && peek(lexer, 1) == '/') {
            lexer->at += 2;
            return true;
        }
    }
    return false;
}

/* Up to the next token. The line of a comment that has no end; 0: there is none. */
static unsigned skip_blanks(struct ac_lexer *lexer)
{
    for (;;) {
        int character = peek(lexer, 0);
        bool is_slash = character == '/';
        unsigned line = lexer->line_breaks + 1;

        if (character == '\n') {
            break_line(lexer);
            lexer->at++;
        } else if (is_blank(character)) {
            lexer->at++;
        } else if (character == '#' || (is_slash && peek(lexer, 1) == '/')) {
            skip_line(lexer);
        } else if (!is_slash || peek(lexer, 1) != '*') {
            return 0;
        } else if (!skip_long_comment(lexer)) {
            return line;
        }
    }
}

static enum ac_code bad(struct ac_lexer *lexer, struct ac_token *token,
                        const char *text, struct ac_error *err)
{
    lexer->word.size = 0;
    AC_TRY(ac_text_addf(&lexer->word, err, "%s", text));
    token->kind = AC_TOKEN_BAD;
    token->text = ac_text_get(&lexer->word);
    return AC_OK;
}

/* The rest of a line that cannot be read would only give more faults. */
static enum ac_code bad_line(struct ac_lexer *lexer, struct ac_token *token,
                             const char *text, struct ac_error *err)
{
    skip_line(lexer);
    return bad(lexer, token, text, err);
}

/* What cannot be shown cannot be checked by a person either. */
static bool can_be_shown(const struct ac_text *word)
{
    char clean[CLEAN_SIZE];
    const char *text = ac_text_get(word);

    return strlen(text) == word->size
           && strcmp(ac_text_clean(clean, sizeof clean, text, word->size), text) == 0;
}

static enum ac_code end_word(struct ac_lexer *lexer, struct ac_token *token,
                             struct ac_error *err)
{
    if (lexer->word.size > AC_CONFIG_WORD_MAX)
        return bad(lexer, token, "a text is longer than 4096 bytes", err);
    if (!can_be_shown(&lexer->word)) {
        return bad(lexer, token,
                   "a text has control characters or others that cannot be shown, or "
                   "is not UTF-8",
                   err);
    }
    token->kind = AC_TOKEN_WORD;
    token->text = ac_text_get(&lexer->word);
    return AC_OK;
}

static enum ac_code read_word(struct ac_lexer *lexer, struct ac_token *token,
                              struct ac_error *err)
{
    size_t start = lexer->at;

    while (is_word_character(peek(lexer, 0)))
        lexer->at++;
    AC_TRY(ac_text_add(&lexer->word, lexer->bytes + start, lexer->at - start, err));
    return end_word(lexer, token, err);
}

/* Its value, or -1: it stands for nothing. */
static int unescape(int quote, int escaped)
{
    if (quote == '"')
        return escaped == '\n' || escaped < 0 ? -1 : escaped;
    return escaped == '\'' || escaped == '\\' ? escaped : -1;
}

static enum ac_code read_quoted(struct ac_lexer *lexer, struct ac_token *token,
                                struct ac_error *err)
{
    int quote = peek(lexer, 0);

    for (lexer->at++; peek(lexer, 0) != quote; lexer->at++) {
        int character = peek(lexer, 0);
        int escaped = character == '\\' ? unescape(quote, peek(lexer, 1)) : -1;

        if (character == '\n' || character < 0) {
            return bad_line(lexer, token, "a text in quotes does not end in its line",
                            err);
        }
        if (quote == '"' && character == '$' && peek(lexer, 1) == '{') {
            return bad_line(
                lexer, token,
                "\"${\" is not replaced here: a secret may be \"env:NAME\"; "
                "within '…' it stays as it is",
                err);
        }
        if (escaped >= 0) {
            character = escaped;
            lexer->at++;
        }
        AC_TRY(ac_text_add(&lexer->word, &(char){ (char)character }, 1, err));
    }
    lexer->at++;
    AC_TRY(ac_text_add(&lexer->word, "", 0, err));
    return end_word(lexer, token, err);
}

static enum ac_code read_sign(struct ac_lexer *lexer, struct ac_token *token,
                              struct ac_error *err)
{
    static const struct {
        char sign;
        enum ac_token_kind kind;
        const char *text;
    } signs[] = {
        { '=', AC_TOKEN_EQUALS, "=" },
        { ',', AC_TOKEN_COMMA, "," },
        { '{', AC_TOKEN_OPEN, "{" },
        { '}', AC_TOKEN_CLOSE, "}" },
    };
    int sign = peek(lexer, 0);

    for (size_t i = 0; i < AC_COUNT(signs); i++) {
        if (signs[i].sign != sign)
            continue;
        lexer->at++;
        token->kind = signs[i].kind;
        token->text = signs[i].text;
        return AC_OK;
    }
    if (sign == ';') {
        lexer->at++;
        return bad(lexer, token, "\";\" is not used here: leave it out", err);
    }
    if (sign == '(' || sign == ')') {
        return bad_line(lexer, token,
                        "parentheses are not used here (a file is included by include "
                        "= \"FILE\")",
                        err);
    }
    return bad_line(lexer, token, "a control character", err);
}

enum ac_code ac_lexer_next(struct ac_lexer *lexer, struct ac_token *ret_token,
                           struct ac_error *err)
{
    unsigned comment_line = skip_blanks(lexer);

    *ret_token = (struct ac_token){
        .line = comment_line > 0 ? comment_line : lexer->line_breaks + 1,
        .begins_line = !lexer->is_within_line,
        .text = "the end of the file",
    };
    lexer->is_within_line = true;
    lexer->word.size = 0;
    if (comment_line > 0)
        return bad(lexer, ret_token, "a comment that begins here has no end", err);
    int character = peek(lexer, 0);
    if (character < 0)
        return AC_OK;
    if (character == '"' || character == '\'')
        return read_quoted(lexer, ret_token, err);
    if (is_word_character(character))
        return read_word(lexer, ret_token, err);
    return read_sign(lexer, ret_token, err);
}

void ac_lexer_done(struct ac_lexer *lexer)
{
    ac_text_done(&lexer->word);
    *lexer = (struct ac_lexer){ 0 };
}
