/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core's own look at what is served: at each address of the option `probe`, for
 * each name of each certificate. A part of deploy_prove.
 */
#ifndef AC_ENGINE_DEPLOY_LOOK_H
#define AC_ENGINE_DEPLOY_LOOK_H

#include "engine/deploy/deploy_parts.h"
#include "host/proof.h"

#define AC_DEPLOY_WILDCARD_LABEL "acmecore-probe" /* asked for in the place of "*" */
#define AC_DEPLOY_LOOK_AT_ONCE   64   /* as many connections as the plugin host makes */
#define AC_DEPLOY_LOOK_MIN_MS    1000 /* for one look, also when the time is nearly up */

/* One certificate at one address, by one name. */
struct ac_deploy_sight {
    const struct ac_deploy_item *item;
    char *address, *name; /* owned */
    bool is_looked_at;
    bool is_ours; /* ours was served there */
    struct ac_proof_seen seen;
};

struct ac_deploy_look {
    const struct ac_deploy_settings *settings;
    const char *starttls; /* or NULL; lent */
    int64_t each_ms;      /* for a name from when its turn comes: there may be many */
    struct ac_deploy_sight *sights;
    size_t count, capacity;
    struct ac_proof *proof; /* attached to the loop; or NULL */
};

/* What there is to look at for those that are left; nothing without `probe`. */
AC_MUST enum ac_code ac_deploy_look_begin(const struct ac_deploy_attempt *attempt,
                                          int64_t each_ms,
                                          struct ac_deploy_look *ret_look,
                                          struct ac_error *err);
void ac_deploy_look_done(struct ac_deploy_look *look);
AC_DEFINE_DROP_VALUE(ac_deploy_look, ac_deploy_look_done)
/* Looks where ours was not seen yet; also after the deadline where it never looked, as
 * long as the run has time. AC_E_CANCELLED, AC_E_PLUGIN, AC_E_USAGE: nothing could be
 * looked at. */
AC_MUST enum ac_code ac_deploy_look_again(struct ac_deploy_look *look,
                                          int64_t deadline_ms, struct ac_error *err);
/* Where the certificate is not served; NULL: it is, wherever was looked. Lent. */
const struct ac_deploy_sight *ac_deploy_look_missing(const struct ac_deploy_look *look,
                                                     const struct ac_deploy_item *item);
/* How many were never looked at: the run had no time for them. */
size_t ac_deploy_look_left(const struct ac_deploy_look *look);

#endif
