/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notifications as the commands use them (engine/notify).
 */
#ifndef AC_CLI_NOTICES_H
#define AC_CLI_NOTICES_H

#include "cli/context.h"
#include "engine/notify/notify.h"

AC_MUST enum ac_code ac_notices_new(struct ac_context *context,
                                    struct ac_notify **ret_notify,
                                    struct ac_error *err);
/* Tells what is owed of this one certificate, after a command about it. why: how it
 * failed; NULL, or code AC_OK: it did not. issue NULL: it was not begun. */
void ac_notices_tell(struct ac_context *context, const struct ac_wanted *wanted,
                     const struct ac_error *why, const struct ac_issue *issue);

#endif
