/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `renew --watch`: a process that stays, and renews whenever something is due.
 */
#ifndef AC_CLI_WATCH_H
#define AC_CLI_WATCH_H

#include "cli/options.h"
#include "engine/renewal/pace.h"

/*
 * Looks, renews, and sleeps until the next moment, until SIGINT or SIGTERM ends it
 * (AC_OK). Everything (the configuration, too) is read anew for each look, at the
 * latest after AC_WATCH_LONGEST_S; SIGHUP brings one at once. What fails in a look is
 * told, and tried again later. AC_E_USAGE: the first configuration is wrong.
 */
AC_MUST enum ac_code ac_watch(const struct ac_options *options, struct ac_error *err);

#define AC_WATCH_SHORTEST_S 60  /* between two looks, whatever is due */
#define AC_WATCH_TROUBLE_S  600 /* the same after an outage, or a look that failed */
/* Certificates are made on command lines, too. */
#define AC_WATCH_LONGEST_S AC_PACE_WATCH_S

#endif
