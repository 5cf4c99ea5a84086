/* SPDX-License-Identifier: Apache-2.0 */
#include "lexer.h"

#include <string.h>

static enum token_kind kind_of(char character);
static size_t end_of_word(const char *text, size_t size, size_t at);
static bool is_blank(char character);
static size_t skip_blanks(const char *text, size_t size, size_t at);
static size_t skip_line(const char *text, size_t size, size_t at);
static size_t end_of_quoted(const char *text, size_t size, size_t at);
static size_t end_of_plain(const char *text, size_t size, size_t at);

struct token token_next(const char *text, size_t size, size_t *at)
{
    struct token token = { .kind = TOKEN_END };

    token.begin = skip_blanks(text, size, *at);
    token.end = size;
    if (token.begin < size)
        token.kind = kind_of(text[token.begin]);
    if (token.kind == TOKEN_WORD) {
        token.end = end_of_word(text, size, token.begin);
    } else if (token.kind != TOKEN_END) {
        token.end = token.begin + 1;
    }
    /* An empty text ends at 0, and is none with a word that has no end. */
    if (token.end == 0 && token.kind != TOKEN_END) {
        token.kind = TOKEN_BAD;
        token.end = size;
    }
    *at = token.end;
    return token;
}

bool token_value(const char *text, const struct token *token,
                 char value[TOKEN_VALUE_MAX])
{
    bool is_quoted = text[token->begin] == '"' || text[token->begin] == '\'';
    size_t end = token->end - is_quoted;
    size_t used = 0;

    for (size_t i = token->begin + is_quoted; i < end; i++) {
        if (text[i] == '\\' && i + 1 < end)
            i++;
        if (used == TOKEN_VALUE_MAX - 1 || text[i] == '\0')
            return false;
        value[used++] = text[i];
    }
    value[used] = '\0';
    return true;
}

/* Strings and comments of Lua may have braces; long brackets are not looked at. */
bool token_skip_lua(const char *text, size_t size, size_t *at)
{
    size_t depth = 1;
    size_t i = *at;

    while (i < size && depth > 0) {
        if (text[i] == '"' || text[i] == '\'') {
            i = end_of_quoted(text, size, i);
            if (i == 0)
                return false;
            continue;
        }
        if (text[i] == '-' && i + 1 < size && text[i + 1] == '-') {
            i = skip_line(text, size, i);
            continue;
        }
        depth += text[i] == '{';
        depth -= text[i] == '}';
        i++;
    }
    *at = i;
    return depth == 0;
}

size_t token_line(const char *text, size_t offset)
{
    size_t line = 1;

    for (size_t i = 0; i < offset; i++)
        line += text[i] == '\n';
    return line;
}

static enum token_kind kind_of(char character)
{
    switch (character) {
    case ';':
        return TOKEN_SEMICOLON;
    case '{':
        return TOKEN_OPEN;
    case '}':
        return TOKEN_CLOSE;
    default:
        return TOKEN_WORD;
    }
}

/* 0: a quote is not closed. */
static size_t end_of_word(const char *text, size_t size, size_t at)
{
    return text[at] == '"' || text[at] == '\'' ? end_of_quoted(text, size, at)
                                               : end_of_plain(text, size, at);
}

static bool is_blank(char character)
{
    return character == ' ' || character == '\t' || character == '\r'
           || character == '\n';
}

static size_t skip_blanks(const char *text, size_t size, size_t at)
{
    while (at < size && (is_blank(text[at]) || text[at] == '#'))
        at = text[at] == '#' ? skip_line(text, size, at) : at + 1;
    return at;
}

static size_t skip_line(const char *text, size_t size, size_t at)
{
    const char *end = memchr(text + at, '\n', size - at);

    return end ? (size_t)(end - text) : size;
}

/* 0: the quote is not closed. */
static size_t end_of_quoted(const char *text, size_t size, size_t at)
{
    for (size_t i = at + 1; i < size; i++) {
        if (text[i] == '\\') {
            i++;
        } else if (text[i] == text[at]) {
            return i + 1;
        }
    }
    return 0;
}

/* `${name}` belongs to the word. */
static size_t end_of_plain(const char *text, size_t size, size_t at)
{
    bool is_variable = false;

    for (; at < size; at++) {
        if (text[at] == '\\' && at + 1 < size) {
            at++;
        } else if (text[at] == '$' && at + 1 < size && text[at + 1] == '{') {
            is_variable = true;
            at++;
        } else if (is_variable && text[at] == '}') {
            is_variable = false;
        } else if (is_blank(text[at]) || text[at] == ';' || text[at] == '{') {
            break;
        }
    }
    return at;
}
