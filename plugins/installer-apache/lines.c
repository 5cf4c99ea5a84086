/* SPDX-License-Identifier: Apache-2.0 */
#include "lines.h"

#include <string.h>
#include <strings.h>

/* Is there a backslash before the line break at `at`? */
static bool is_continued(const char *text, size_t start, size_t at)
{
    if (at > start && text[at - 1] == '\r')
        at--;
    return at > start && text[at - 1] == '\\';
}

bool apache_line_next(struct apache_reader *reader, struct apache_line *ret_line)
{
    const char *end = NULL;
    size_t start = reader->at;

    if (start >= reader->size)
        return false;
    *ret_line = (struct apache_line){ reader->text, start, reader->size,
                                      reader->number + 1, reader->number };
    do {
        size_t from = reader->at;
        end = memchr(reader->text + from, '\n', reader->size - from);
        reader->at = end ? (size_t)(end - reader->text) + 1 : reader->size;
        reader->number++;
        if (!end || !is_continued(reader->text, from, reader->at - 1))
            break;
    } while (reader->at < reader->size);
    ret_line->end = reader->at;
    ret_line->last = reader->number;
    return true;
}

/* Blanks, and what joins two lines. */
static size_t skip_blanks(const struct apache_line *line, size_t at)
{
    while (at < line->end
           && (strchr(" \t\r\n", line->text[at])
               || (line->text[at] == '\\' && at + 1 < line->end
                   && strchr("\r\n", line->text[at + 1]))))
        at++;
    return at;
}

bool apache_line_is(const struct apache_line *line, const char *word)
{
    size_t at = skip_blanks(line, line->start);
    size_t size = strlen(word);

    if (line->end - at < size || strncasecmp(line->text + at, word, size) != 0)
        return false;
    at += size;
    return at == line->end || strchr(" \t\r\n>\\", line->text[at]);
}

/* The end of the word at `at`; a quoted one ends behind its quote. */
static size_t word_end(const struct apache_line *line, size_t at)
{
    char quote = '\0';

    if (at < line->end)
        quote = line->text[at];
    if (quote == '"' || quote == '\'') {
        for (at++; at < line->end && line->text[at] != quote; at++)
            at += line->text[at] == '\\' && at + 1 < line->end;
        return at < line->end ? at + 1 : line->end;
    }
    while (at < line->end && !strchr(" \t\r\n", line->text[at])
           && skip_blanks(line, at) == at)
        at++;
    return at;
}

bool apache_line_words(const struct apache_line *line, struct apache_list *ret_words)
{
    size_t at = skip_blanks(line, line->start);
    bool is_section = at < line->end && line->text[at] == '<';

    at = skip_blanks(line, word_end(line, at));
    while (at < line->end) {
        size_t end = word_end(line, at);
        size_t next = skip_blanks(line, end);
        size_t start = at;
        if (is_section && next == line->end && line->text[end - 1] == '>')
            end--;
        at = next;
        if (end - start >= 2 && strchr("\"'", line->text[start])
            && line->text[end - 1] == line->text[start]) {
            start++;
            end--;
        }
        if ((end > start || !is_section)
            && !apache_list_add(ret_words, line->text + start, end - start))
            return false;
    }
    return true;
}

bool apache_extent_find(const char *text, size_t size, unsigned number,
                        struct apache_extent *ret_extent)
{
    struct apache_reader reader = { .text = text, .size = size };
    struct apache_extent extent = { 0 };
    struct apache_line line = { 0 };

    while (apache_line_next(&reader, &line) && line.last < number)
        ;
    if (!line.text || line.first > number || line.last < number
        || !apache_line_is(&line, "<VirtualHost"))
        return false;
    extent.start = line.start;
    extent.body = line.end;
    while (apache_line_next(&reader, &line)) {
        if (!apache_line_is(&line, "</VirtualHost"))
            continue;
        extent.close = line.start;
        extent.end = line.end;
        *ret_extent = extent;
        return true;
    }
    return false;
}
