/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the options of `issue` ask for, as the engine's struct ac_wanted.
 */
#ifndef AC_CLI_WISH_H
#define AC_CLI_WISH_H

#include "cli/options.h"
#include "engine/wanted.h"

/*
 * Reads -d, --solver, --set, --key-type and --name. Without --solver or --key-type,
 * those of a certificate that is remembered are taken; a --set replaces the remembered
 * setting of the same name. AC_E_USAGE: no or impossible names, a setting for a plugin
 * that is not used, a name that stands for other identifiers already.
 */
AC_MUST enum ac_code ac_wish_read(const struct ac_options *options,
                                  const struct ac_store *store,
                                  const char *directory_url,
                                  struct ac_wanted *ret_wanted, struct ac_error *err);

#endif
