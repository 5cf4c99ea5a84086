/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/prose.h"

#include "base/memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_."
#define SUBJECT_SIZE    256

/* A value within a line. */
struct value {
    const char *start; /* NULL: there is none */
    size_t size;
    bool is_quoted;
};

static struct value value_at(const char *text)
{
    struct value value = { text, strcspn(text, " "), false };

    if (*text != '"')
        return value;
    value = (struct value){ text + 1, 0, true };
    while (value.start[value.size] != '\0' && value.start[value.size] != '"') {
        bool is_escape = value.start[value.size] == '\\';
        value.size += is_escape && value.start[value.size + 1] != '\0' ? 2 : 1;
    }
    return value;
}

/* The value of the first of these keys. A sentence has none: its words are no pairs. */
static struct value find(const char *line, const char *const *keys)
{
    const char *at = line + strspn(line, NAME_CHARACTERS);

    while (*at == ' ') {
        const char *key = at + 1;
        size_t size = strspn(key, NAME_CHARACTERS);

        if (size == 0 || key[size] != '=')
            break;
        struct value value = value_at(key + size + 1);
        for (size_t i = 0; keys[i]; i++) {
            if (strlen(keys[i]) == size && strncmp(key, keys[i], size) == 0)
                return value;
        }
        at = value.start + value.size;
        at += value.is_quoted && *at == '"'; /* one that was cut has no end */
    }
    return (struct value){ NULL, 0, false };
}

/* Takes the quotes' escapes away; what the log itself made of control characters has
 * another letter behind its backslash and stays. */
static void copy(const struct value *value, char *text, size_t size)
{
    size_t used = 0;

    for (size_t i = 0; i < value->size && used + 1 < size; i++) {
        bool is_escape = value->is_quoted && value->start[i] == '\\'
                         && i + 1 < value->size
                         && strchr("\"\\", value->start[i + 1]) != NULL;

        i += is_escape;
        text[used++] = value->start[i];
    }
    text[used] = '\0';
}

const char *ac_prose(const char *line, char *sentence, size_t size)
{
    static const char *const texts[] = { "text", "reason", "detail", NULL };
    static const char *const subjects[] = { "certificate", "plugin", NULL };
    struct value text = find(line, texts);
    struct value subject = find(line, subjects);
    char name[SUBJECT_SIZE] = "";

    if (!text.start) {
        (void)snprintf(sentence, size, "%s", line);
        return sentence;
    }
    if (subject.start)
        copy(&subject, name, sizeof name);
    (void)snprintf(sentence, size, "%s%s", name, subject.start ? ": " : "");
    size_t used = strlen(sentence);
    copy(&text, sentence + used, size - used);
    return sentence;
}
