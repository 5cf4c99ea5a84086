/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of a configuration file as Apache reads them: a backslash at the end of a
 * line joins it with the next, also in comments. Knows no directive but those that the
 * caller names; what stands inside a virtual host is read in section.c.
 */
#ifndef APACHE_LINES_H
#define APACHE_LINES_H

#include "text.h"

struct apache_reader {
    const char *text;
    size_t size;
    size_t at;       /* 0 at the beginning */
    unsigned number; /* of lines read; 0 at the beginning */
};

struct apache_line {
    const char *text;     /* of the whole file */
    size_t start, end;    /* bytes; the end is behind the line break */
    unsigned first, last; /* numbers as an editor counts, from 1 */
};

/* False at the end. */
bool apache_line_next(struct apache_reader *reader, struct apache_line *ret_line);

/* Is this its first word? "SSLEngine", "<VirtualHost", "</VirtualHost"; upper and lower
 * case are the same. */
bool apache_line_is(const struct apache_line *line, const char *word);

/*
 * The words after the first one, without quotes and without the ">" that ends a
 * section's line. False: no memory.
 */
bool apache_line_words(const struct apache_line *line, struct apache_list *ret_words);

/* Where a virtual host stands. */
struct apache_extent {
    size_t start; /* of the line <VirtualHost …> */
    size_t body;  /* behind that line */
    size_t close; /* of the line </VirtualHost> */
    size_t end;   /* behind that line */
};

/* The virtual host whose first line is, or ends with, this one; false: there is none.
 */
bool apache_extent_find(const char *text, size_t size, unsigned number,
                        struct apache_extent *ret_extent);

#endif
