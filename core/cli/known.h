/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a certificate beside what its files say, as lines of `show`: its
 * profile, the CA's renewal window, that it is revoked, what failed last.
 */
#ifndef AC_CLI_KNOWN_H
#define AC_CLI_KNOWN_H

#include "engine/held/held.h"

/* Nothing known adds nothing. */
AC_MUST enum ac_code ac_known_add(const struct ac_held *held, struct ac_text *text,
                                  struct ac_error *err);

#endif
