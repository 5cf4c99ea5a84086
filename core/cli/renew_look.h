/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The look with which `renew` begins: what is held and wanted, when CAs would like it
 * renewed, what they have revoked, and whether this machine's clock can be right.
 */
#ifndef AC_CLI_RENEW_LOOK_H
#define AC_CLI_RENEW_LOOK_H

#include "cli/renew.h"
#include "engine/renewal/pace.h"

/* What is looked at, and when it will be again. */
struct ac_renew_view {
    const struct ac_renewals *renewals;
    struct ac_upkeep_settings settings;
    struct ac_pace pace;
};

/* Gives the context time for all that is there. A dry run asks nobody, and notes
 * nothing. */
AC_MUST enum ac_code ac_renew_look(struct ac_renew_view *view, struct ac_upkeep *upkeep,
                                   struct ac_error *err);
/* What a certificate is to be: as its configuration has it, else as it is remembered.
 */
AC_MUST enum ac_code ac_renew_load(const struct ac_context *context,
                                   const struct ac_upkeep_source *source,
                                   const struct ac_upkeep_item *item,
                                   struct ac_wanted *ret_wanted, struct ac_error *err);

#endif
