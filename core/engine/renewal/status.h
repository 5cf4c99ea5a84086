/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How all certificates are: what `status` shows, most urgent first. Looks at the store
 * and at what a configuration wants; asks nobody and changes nothing.
 */
#ifndef AC_ENGINE_STATUS_H
#define AC_ENGINE_STATUS_H

#include "engine/renewal/upkeep.h"

enum ac_status_level {
    AC_STATUS_FINE,    /* nothing is to be done now */
    AC_STATUS_DUE,     /* the next run will do something about it */
    AC_STATUS_FAILING, /* what was to be done did not succeed, or nobody does it */
    AC_STATUS_EXPIRED,
    AC_STATUS_LEVELS
};
/* "fine"; static. The words are stable (docs/json.md). */
const char *ac_status_level_name(enum ac_status_level level);

/* The life of one version. */
struct ac_status_life {
    unsigned version;
    bool is_current;
    int64_t not_before, not_after; /* UTC seconds */
};

struct ac_status_item {
    const char *name; /* lent by the survey */
    enum ac_status_level level;
    struct ac_plan plan;
    bool is_unwanted;              /* its configuration has it no more */
    bool is_unissued;              /* it was asked for once, in vain */
    bool is_overdue;               /* due for long, and nobody tried */
    const char *damage;            /* lent by the survey; NULL: none is known of */
    unsigned version;              /* of what is held; 0: nothing */
    int64_t deploy_at;             /* as in the survey */
    int64_t not_before, not_after; /* of what is held; 0: nothing */
    struct ac_state state;         /* what failed last, and what is revoked */
    struct ac_status_life *lives;  /* of the versions that are kept, oldest first */
    size_t life_count;
};

struct ac_status {
    struct ac_upkeep upkeep;
    struct ac_status_item *items; /* most urgent first */
    size_t count;
    size_t at_level[AC_STATUS_LEVELS];
    int64_t utc;
};

/* has_lives: read all versions, too. Fails as ac_upkeep_survey does. */
AC_MUST enum ac_code ac_status_survey(const struct ac_upkeep_settings *settings,
                                      bool has_lives, struct ac_status *ret_status,
                                      struct ac_error *err);
void ac_status_done(struct ac_status *status);
AC_DEFINE_DROP_VALUE(ac_status, ac_status_done)

/* The installer that failed to bring it to its server; NULL: none. Lent. */
const struct ac_state_deployment *ac_status_undeployed(
    const struct ac_status_item *item);
/* How much of its life is used at `utc`, 0 to 1000; 1000 for what has none. */
int ac_status_used(const struct ac_status_item *item, int64_t utc);
/* The members of a certificate in `status --json`. */
AC_MUST enum ac_code ac_status_item_to_json(const struct ac_status_item *item,
                                            int64_t utc, struct ac_json **ret_json,
                                            struct ac_error *err);

#endif
