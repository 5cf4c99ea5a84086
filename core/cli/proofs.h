/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How control of the names may be proven: --challenge, --experimental, --caa-check. A
 * part of the wish (cli/wish), apart for its size.
 */
#ifndef AC_CLI_PROOFS_H
#define AC_CLI_PROOFS_H

#include "cli/options.h"
#include "engine/wanted.h"

/*
 * What is not given is taken from `remembered`. "any" and "auto" are the defaults,
 * which are not written down.
 *
 * AC_E_USAGE  an unknown type or word, an experimental type that is not allowed
 */
AC_MUST enum ac_code ac_proofs_read(const struct ac_options *options,
                                    const struct ac_wanted *remembered,
                                    struct ac_wanted *wanted, struct ac_error *err);

#endif
