/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `issue` is asked for, and the CA that it is asked of: the options (cli/wish),
 * what is remembered, and what the configuration says of that CA.
 */
#ifndef AC_CLI_ISSUE_WISH_H
#define AC_CLI_ISSUE_WISH_H

#include "cli/context.h"

/* Fills context->wanted, and how its CA is reached. Of a dry run that is the CA to try
 * things out with, where one is known, and it is said. Fails as ac_wish_read. */
AC_MUST enum ac_code ac_issue_wish_read(struct ac_context *context,
                                        struct ac_error *err);

#endif
