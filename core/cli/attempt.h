/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One certificate issued, with the hooks around it (engine/command/around).
 */
#ifndef AC_CLI_ATTEMPT_H
#define AC_CLI_ATTEMPT_H

#include "cli/context.h"
#include "engine/command/around.h"

/* The hooks around what is attempted, which is still to be added. */
AC_MUST enum ac_code ac_attempt_hooks(struct ac_context *context,
                                      struct ac_around **ret_around,
                                      struct ac_error *err);
/*
 * Can its installers, its hooks and its notifiers be run at all? Before the CA is
 * asked; nothing is run. AC_E_USAGE: a setting is wrong; AC_E_PLUGIN: an installer is.
 */
AC_MUST enum ac_code ac_attempt_check(struct ac_context *context,
                                      const struct ac_wanted *wanted,
                                      struct ac_error *err);
/*
 * The same for one of many that are due, which is added to the hooks: where a setting
 * of its installers is wrong it is refused, and the others are not. A notifier that
 * cannot be run stops nobody; the first goes to *notifier, where there is none yet.
 */
AC_MUST enum ac_code ac_attempt_join(struct ac_context *context,
                                     struct ac_around *around,
                                     const struct ac_wanted *wanted, const char *reason,
                                     struct ac_error *notifier, struct ac_error *err);
/* Runs the pre-hooks of those that were joined. A hook that cannot be run has refused
 * its certificates before. */
AC_MUST enum ac_code ac_attempt_begin(struct ac_context *context,
                                      struct ac_around *around, struct ac_error *err);
/* Notes that a pre-hook prevented it, for a back-off, unless the configuration is wrong
 * and a setting is why; gives the refusal as the error. */
AC_MUST enum ac_code ac_attempt_refuse(struct ac_context *context,
                                       const struct ac_wanted *wanted,
                                       const struct ac_error *refusal,
                                       struct ac_error *err);
/*
 * As ac_run_issue. Where a pre-hook fails it is not begun (*ret_issue NULL), and left
 * alone for a while. *ret_hook: how a post-hook failed; code AC_OK: none did.
 */
AC_MUST enum ac_code ac_attempt_issue(struct ac_context *context,
                                      const struct ac_wanted *wanted,
                                      struct ac_issue **ret_issue,
                                      struct ac_error *ret_hook, struct ac_error *err);
/* Hooks that failed are the failure where there is no other; else a warning. */
void ac_attempt_take_hook(const struct ac_error *hook, struct ac_error *why);

#endif
