/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One virtual host, read by the lens Httpd of libaugeas: its directives and where each
 * stands, to the byte. Whoever changes one replaces these bytes and no others, so that
 * all formatting stays. (The library would write the file itself, but moves blanks and
 * indentation from one directive to the next when one is added or removed.)
 */
#ifndef APACHE_SECTION_H
#define APACHE_SECTION_H

#include "text.h"

#define APACHE_DIRECTIVES_MAX 20000 /* of one virtual host */

struct apache_argument {
    char *text;        /* without quotes */
    size_t start, end; /* bytes from the beginning of the section; with quotes */
};

struct apache_directive {
    char *name;
    size_t start, end; /* from its indentation to behind its line break */
    bool is_nested;    /* in a section within the virtual host */
    struct apache_argument *arguments;
    size_t argument_count;
    size_t argument_room;
};

struct apache_section {
    struct apache_directive *directives;
    size_t count;
    size_t room;
};

/* The library with its lens; loaded at first use. */
struct apache_lens;

/* NULL: no memory, or the library cannot start. */
struct apache_lens *apache_lens_open(void);
void apache_lens_close(struct apache_lens *lens);

/*
 * Reads "<VirtualHost …> … </VirtualHost>". ACMECORE_E_SYSTEM: no memory, or the lens
 * is not installed; *ret_reason says which. ACMECORE_E_REFUSED: the lens does not
 * understand it; *ret_line is the line where it stopped, from 1; 0: it has more than
 * APACHE_DIRECTIVES_MAX directives.
 */
int apache_section_parse(struct apache_lens *lens, const char *text, size_t size,
                         struct apache_section *ret_section, unsigned *ret_line,
                         const char **ret_reason);
void apache_section_done(struct apache_section *section);

/* The first directive of this name (upper and lower case are the same) after `after`
 * (NULL: from the first); NULL: there is none. */
const struct apache_directive *apache_section_find(
    const struct apache_section *section, const char *name,
    const struct apache_directive *after);

/* Its argument; "" when it has fewer. */
const char *apache_directive_argument(const struct apache_directive *directive,
                                      size_t index);

#define APACHE_AUTO_SECTION                                                            \
    __attribute__((cleanup(apache_section_done))) struct apache_section

#endif
