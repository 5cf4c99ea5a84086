/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a certificate's name serve a server_name? nginx has NAME, *.NAME, .NAME (both),
 * NAME.* and ~regex; the last two no certificate can be chosen for.
 */
#ifndef NAMES_H
#define NAMES_H

#include <stdbool.h>

/* identifiers: NULL-terminated, lower case, "*.example.com" for a wildcard. */
bool names_match(const char *server_name, const char *const *identifiers);

#endif
