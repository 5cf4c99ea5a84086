/* SPDX-License-Identifier: Apache-2.0 */
#include "environment.h"

#include <string.h>

#define LINE_MAX_SIZE 8192
#define LETTERS       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
#define DIGITS        "0123456789"
#define BLANKS        " \t"
#define EXPORT        "export"
#define EXPORT_SIZE   (sizeof EXPORT - 1)

/* One line, cut to pieces in place. */
struct line {
    char text[LINE_MAX_SIZE + 1];
};

static const char *parse_line(char *text, struct exec_words *words);
static const char *copy_line(const char *text, size_t size, struct line *ret_line);
static const char *parse_value(char *text, char **ret_value);
static const char *parse_plain(char *text);
static const char *parse_single(char *text);
static const char *parse_double(char *text);
static const char *check_rest(const char *rest);

bool exec_environment_parse(const char *text, size_t size, struct exec_words *words,
                            struct exec_environment_error *ret_error)
{
    const char *end = text + size;
    const char *why = NULL;
    struct line line;
    size_t number = 1;

    for (; !why && text < end; number++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t length = (size_t)((newline ? newline : end) - text);

        why = copy_line(text, length, &line);
        if (!why)
            why = parse_line(line.text, words);
        text += length + 1;
    }
    explicit_bzero(&line, sizeof line);
    if (why)
        *ret_error = (struct exec_environment_error){ number - 1, why };
    return !why;
}

static const char *copy_line(const char *text, size_t size, struct line *ret_line)
{
    if (size > LINE_MAX_SIZE)
        return "the line is longer than 8192 bytes";
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];

        if (byte == '\r')
            return "the line ends with a carriage return, as on Windows";
        if ((byte < ' ' && byte != '\t') || byte == 0x7F)
            return "the line has a control character";
    }
    memcpy(ret_line->text, text, size);
    ret_line->text[size] = '\0';
    return NULL;
}

static const char *parse_line(char *text, struct exec_words *words)
{
    char *key = text + strspn(text, BLANKS);
    char *value = NULL;
    const char *why = NULL;
    size_t size = 0;

    if (*key == '\0' || *key == '#')
        return NULL;
    if (strncmp(key, EXPORT, EXPORT_SIZE) == 0 && strchr(BLANKS, key[EXPORT_SIZE])
        && key[EXPORT_SIZE] != '\0')
        key += EXPORT_SIZE + strspn(key + EXPORT_SIZE, BLANKS);
    size = strspn(key, LETTERS DIGITS);
    if (size == 0 || strchr(DIGITS, *key) || key[size] != '=') {
        return "the line is not KEY=VALUE, with a key of letters, digits and \"_\", "
               "and "
               "no blank before \"=\"";
    }
    why = parse_value(key + size + 1, &value);
    key[size] = '\0';
    if (why)
        return why;
    if (exec_words_get(words, key))
        return "the key stands there a second time";
    if (words->count == EXEC_ENVIRONMENT_MAX)
        return "there are more than 256 keys";
    exec_words_set(words, key, value);
    return words->wrong;
}

static const char *parse_value(char *text, char **ret_value)
{
    bool is_quoted = *text == '\'' || *text == '"';

    *ret_value = text + is_quoted;
    if (*text == '\'')
        return parse_single(text + 1);
    return *text == '"' ? parse_double(text + 1) : parse_plain(text);
}

static const char *parse_plain(char *text)
{
    size_t size = strcspn(text, BLANKS "'\"\\");
    char *rest = text + size;
    const char *why = NULL;

    if (*rest != '\0' && !strchr(BLANKS, *rest))
        return "a value with a quote or a backslash in it must be quoted";
    why = check_rest(rest);
    *rest = '\0';
    return why;
}

static const char *parse_single(char *text)
{
    char *end = strchr(text, '\'');
    const char *why = NULL;

    if (!end)
        return "the quote ' is not closed";
    why = check_rest(end + 1);
    *end = '\0';
    return why;
}

static const char *parse_double(char *text)
{
    char *to = text;
    const char *why = NULL;

    for (; *text != '"'; text++) {
        if (*text == '\\' && (text[1] == '\0' || !strchr("\"\\$`", *++text)))
            return "a backslash stands before something else than \" \\ $ `";
        if (*text == '\0')
            return "the quote \" is not closed";
        *to++ = *text;
    }
    why = check_rest(text + 1);
    *to = '\0';
    return why;
}

static const char *check_rest(const char *rest)
{
    const char *after = rest + strspn(rest, BLANKS);

    if (*after == '\0' || (*after == '#' && after > rest))
        return NULL;
    return "something follows the value; quote a value that has blanks";
}
