/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simple members of a wish (engine/wanted_members), each from the option of its
 * name. A part of cli/wish, apart for its size.
 */
#ifndef AC_CLI_MEMBERS_H
#define AC_CLI_MEMBERS_H

#include "cli/options.h"
#include "engine/wanted/wanted.h"

/*
 * What is not given is taken from `remembered`, unless --forget names it; what belongs
 * to the CA, only where it is the same one (wanted->directory_url is set before).
 *
 * AC_E_USAGE  a value that cannot be, or --forget of what is no remembered option
 */
AC_MUST enum ac_code ac_members_read(const struct ac_options *options,
                                     const struct ac_wanted *remembered,
                                     struct ac_wanted *wanted, struct ac_error *err);

#endif
