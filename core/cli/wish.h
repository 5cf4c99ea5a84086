/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the options of `issue` ask for, as the engine's struct ac_wanted.
 */
#ifndef AC_CLI_WISH_H
#define AC_CLI_WISH_H

#include "cli/options.h"
#include "engine/wanted/wanted.h"

struct ac_wish_places {
    const struct ac_store *store;   /* borrowed, as are all */
    const char *directory_url;      /* --server, resolved; NULL: not given */
    const struct ac_words *further; /* the same of those after it; NULL: not given */
    const char *default_url;        /* the CA of a certificate that has none yet */
};

/*
 * Reads -d, --solver, --set, --key-type, --name and those that say how the CA is
 * reached and answers are looked at. What is not given is taken from the certificate as
 * it is remembered: with --name also its identifiers; a --set replaces the remembered
 * setting of the same name; --ca-file and --insecure-http belong to the CA and are
 * forgotten with it.
 *
 * AC_E_USAGE     no or impossible names, a name that no solver is for, a setting for a
 *                plugin that is not used, a name that stands for other identifiers
 */
AC_MUST enum ac_code ac_wish_read(const struct ac_options *options,
                                  const struct ac_wish_places *places,
                                  struct ac_wanted *ret_wanted, struct ac_error *err);

#endif
