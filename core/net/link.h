/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Link headers (RFC 8288): several links in one header, quoted or token relations,
 * several relations in one, relative targets. Pure.
 */
#ifndef AC_NET_LINK_H
#define AC_NET_LINK_H

#include "base/text.h"

/*
 * Appends to `targets` the raw target of each link in this header value that has the
 * relation (compared without case). What does not parse ends the reading quietly.
 */
AC_MUST enum ac_code ac_link_find(const char *value, const char *relation,
                                  struct ac_words *targets, struct ac_error *err);

#endif
