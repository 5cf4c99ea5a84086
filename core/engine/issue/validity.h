/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A moment as a person writes it: "2027-01-31T12:00:00Z" (RFC 3339), or "+30d" from now
 * (s, m, h, d, w). Pure.
 */
#ifndef AC_ENGINE_VALIDITY_H
#define AC_ENGINE_VALIDITY_H

#include "base/error.h"

#define AC_VALIDITY_AHEAD_MAX_S ((int64_t)100 * 366 * 86400)

/* UTC seconds. AC_E_USAGE: neither, or more than a century ahead. */
AC_MUST enum ac_code ac_validity_parse(const char *text, int64_t utc, int64_t *ret_at,
                                       struct ac_error *err);
/* The same with nothing but what is wrong with it; for engine/wanted_members. */
AC_MUST enum ac_code ac_validity_check(const char *text, struct ac_error *err);

#endif
