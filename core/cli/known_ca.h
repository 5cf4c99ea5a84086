/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of each CA that a run asks: that of the command line, those of its
 * certificates, and those that are asked when one fails.
 */
#ifndef AC_CLI_KNOWN_CA_H
#define AC_CLI_KNOWN_CA_H

#include "config/config.h"
#include "engine/authority.h"

/*
 * Reads what the configuration says of the CA at this URL; contact and consent of the
 * command line are for all, its binding (EAB) for its own CA alone. arg: the context.
 */
ac_know_authority ac_known_ca_tell;

/* Reads the key of a binding that has one. AC_E_USAGE, AC_E_STORE …: it cannot be read,
 * or is none; says which setting it is of. */
AC_MUST enum ac_code ac_known_ca_read_binding(const struct ac_config_account *account,
                                              struct ac_secret *ret_key,
                                              enum ac_hmac *ret_algorithm,
                                              struct ac_error *err);

#endif
