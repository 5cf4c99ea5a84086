/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines for a configuration file, in the manner of the virtual host they go to. False:
 * no memory.
 */
#ifndef APACHE_WORDING_H
#define APACHE_WORDING_H

#include "site.h"

#define APACHE_HSTS_HEADER "Strict-Transport-Security"
#define APACHE_INDENT      "    "
#define APACHE_INDENT_SIZE 64 /* bytes; a deeper one is cut */
#define APACHE_HTTPS_PORT  443

/* Can Apache be told this path? No control character, no "${". */
bool apache_wording_can_tell(const char *path);

/* The path, in quotes where it needs them. */
bool apache_wording_path(struct apache_text *text, const char *path);

/* "\n", or "\r\n" where its own lines end so. */
const char *apache_wording_line_end(const struct apache_site *site);

/* How far in its directives stand. */
void apache_wording_indent(const struct apache_site *site,
                           char indent[APACHE_INDENT_SIZE]);

/* A whole line with this directive and path. */
bool apache_wording_line(struct apache_text *text, const struct apache_site *site,
                         const char *indent, const char *name, const char *path);

/* A whole line with the header of RFC 6797. */
bool apache_wording_hsts(struct apache_text *text, const struct apache_site *site,
                         const char *indent, long hsts_s);

#endif
