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

/* One certificate at one address, by one name. */
struct ac_deploy_sight {
    const struct ac_deploy_item *item;
    char *address, *name; /* owned */
    bool is_ours;         /* ours was served there */
    struct ac_proof_seen seen;
};

struct ac_deploy_look {
    const struct ac_deploy_settings *settings;
    const char *starttls; /* or NULL; lent */
    struct ac_deploy_sight *sights;
    size_t count, capacity;
    struct ac_proof *proof; /* attached to the loop; or NULL */
};

/* What there is to look at for those that are left; nothing without `probe`. */
AC_MUST enum ac_code ac_deploy_look_begin(const struct ac_deploy_attempt *attempt,
                                          struct ac_deploy_look *ret_look,
                                          struct ac_error *err);
void ac_deploy_look_done(struct ac_deploy_look *look);
AC_DEFINE_DROP_VALUE(ac_deploy_look, ac_deploy_look_done)
/* Looks where ours was not seen yet. AC_E_CANCELLED, AC_E_PLUGIN, AC_E_USAGE: nothing
 * could be looked at. */
AC_MUST enum ac_code ac_deploy_look_again(struct ac_deploy_look *look,
                                          int64_t deadline_ms, struct ac_error *err);
/* Where the certificate is not served; NULL: it is, everywhere. Lent. */
const struct ac_deploy_sight *ac_deploy_look_missing(const struct ac_deploy_look *look,
                                                     const struct ac_deploy_item *item);

#endif
