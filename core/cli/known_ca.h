/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of each CA that a run asks: that of the command line, those of its
 * certificates, and those that are asked when one fails.
 */
#ifndef AC_CLI_KNOWN_CA_H
#define AC_CLI_KNOWN_CA_H

#include "engine/authority.h"

/*
 * Reads what the configuration says of the CA at this URL; contact and consent of the
 * command line are for all, its binding (EAB) for its own CA alone. arg: the context.
 * AC_E_USAGE, AC_E_STORE: its binding cannot be read.
 */
ac_know_authority ac_known_ca_tell;

#endif
