/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON as nearly all of it is: an object of printable ASCII without escapes, whole
 * numbers, names that occur once. Read in one pass, because Jansson takes 200
 * instructions for each byte of a text, and a look at 10,000 certificates reads ten
 * million of them. For json.c alone: what is not plain, wrong or not, is Jansson's.
 */
#ifndef AC_BASE_JSON_PLAIN_H
#define AC_BASE_JSON_PLAIN_H

#include <jansson.h>

/*
 * The value that Jansson gives for it, owned by the caller (json_decref); NULL: not
 * plain, or an allocation failed, which Jansson's allocation functions know. They also
 * bound what it takes.
 *
 * bytes   `size` of them, any; not NUL-terminated
 */
json_t *ac_json_read_plain(const char *bytes, size_t size);

#endif
