/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the server listens: Apache does not tell, so the directives are read here, with
 * an eye on IfModule and IfDefine.
 */
#ifndef APACHE_LISTEN_H
#define APACHE_LISTEN_H

#include "dump.h"

/* Adds what the Listen directives of one file say: "443", "192.0.2.1:443". False: no
 * memory. */
bool apache_listen_read(const char *text, size_t size, const struct apache_dump *dump,
                        struct apache_list *ret_places);

bool apache_listen_has(const struct apache_list *places, unsigned port);

/*
 * Adds lines "Listen …:PORT https", one for each address that the server listens at: it
 * is not opened to more of the world than it is. False: no memory.
 */
bool apache_listen_write(const struct apache_list *places, unsigned port,
                         const char *indent, struct apache_text *ret_lines);

#endif
