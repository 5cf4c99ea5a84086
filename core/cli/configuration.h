/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration file on the way into a command: which one, whether what is wrong
 * with it matters, and what it says of the CA that is asked.
 */
#ifndef AC_CLI_CONFIGURATION_H
#define AC_CLI_CONFIGURATION_H

#include "cli/context.h"

/*
 * Loads --config, or the default file where it is, into the context. AC_E_USAGE: it
 * cannot be read.
 * Faults end a command that acts upon it; one that only looks goes on with a warning,
 * and so does `renew` (context->is_misconfigured); `config check` tells them itself.
 */
AC_MUST enum ac_code ac_configuration_load(struct ac_context *context,
                                           struct ac_error *err);
/*
 * `renew` goes on with a configuration that is wrong: says so, once the store is open.
 * AC_E_USAGE: whether this is its store is not known, and has nothing to look after.
 */
AC_MUST enum ac_code ac_configuration_go_on(const struct ac_context *context,
                                            struct ac_error *err);
/* Its certificates for a survey; none while `renew` goes on without it. */
struct ac_upkeep_source ac_configuration_source(const struct ac_context *context);
/*
 * The CA: --server, or the first one that the configuration has for all certificates,
 * or the default; and how it is reached, unless options say it.
 */
AC_MUST enum ac_code ac_configuration_find_ca(struct ac_context *context,
                                              struct ac_error *err);
/* What it says of the CA at this URL, which a certificate is from. */
AC_MUST enum ac_code ac_configuration_use_ca(struct ac_context *context,
                                             const char *directory_url,
                                             struct ac_error *err);
/* Contact, consent and binding of a new account: each from the options, else from the
 * configuration. */
AC_MUST enum ac_code ac_configuration_registration(
    struct ac_context *context, struct ac_registration_settings *settings,
    struct ac_error *err);

#endif
