/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is to be done about each certificate, now and next. Looks at the store and at
 * what a configuration wants; asks nobody and changes nothing. Made for thousands: of
 * one that is in order only its state.json is read.
 */
#ifndef AC_ENGINE_UPKEEP_H
#define AC_ENGINE_UPKEEP_H

#include "engine/held/state.h"
#include "engine/renewal/plan.h"
#include "engine/wanted/wanted.h"

/* The certificates of a configuration; those of the command line are in the store. */
struct ac_upkeep_source {
    bool is_wrong;    /* nothing it says is used; what it gave up before stays so */
    const char *path; /* of the configuration, absolute; NULL: there is none */
    size_t count;
    const char *(*name)(void *arg, size_t index); /* lent */
    enum ac_code (*load)(void *arg, size_t index, struct ac_wanted *ret_wanted,
                         struct ac_error *err);
    void *arg;
};

#define AC_UPKEEP_NOT_CONFIGURED SIZE_MAX

/* A certificate that was revoked in order to go, by a run that was cut short. */
enum ac_upkeep_end {
    AC_UPKEEP_STAYS,
    AC_UPKEEP_DELETED,
    AC_UPKEEP_ARCHIVED
};

struct ac_upkeep_item {
    char *name;
    struct ac_plan plan;
    int64_t not_before, not_after; /* of what is held; 0: nothing */
    unsigned version;              /* likewise */
    size_t configured;             /* of the source, or AC_UPKEEP_NOT_CONFIGURED */
    bool wants_check;              /* it is time to ask the CA for its window */
    int64_t check_at;   /* when that is, or was; AC_PLAN_NEVER: it has none */
    int64_t deploy_at;  /* when an installer has to be told; AC_PLAN_NEVER: none */
    bool wants_crl;     /* a revocation list that it may be in is to be fetched */
    int64_t crl_at;     /* when that is, or was; AC_PLAN_NEVER: it is in none's care */
    bool has_leftovers; /* an earlier run left something to clean up */
    bool is_unwanted;   /* its configuration has it no more: left alone, and told */
    bool was_given_up;  /* that it has it no more is noted (engine/renewal/given_up) */
    bool has_news;      /* somebody may be owed a notification (engine/notify) */
    bool is_silent;     /* its wish names nobody for what news there is */
    bool is_unissued;   /* it was asked for once, in vain: who asked may ask again */
    bool is_resting;    /* due, and left alone for a while after a failure */
    bool is_unnoted;    /* held, and its state.json does not speak of it */
    char *damage;       /* which file, and how; NULL: none is known of */
    enum ac_upkeep_end end; /* what `delete --revoke` had still to do */
};

struct ac_upkeep {
    struct ac_upkeep_item *items; /* in the order of their names */
    size_t count, capacity;
};

struct ac_upkeep_settings {
    struct ac_store *store;                /* borrowed, as are all */
    const struct ac_upkeep_source *source; /* or NULL */
    const struct ac_words *names;          /* these only; none: all */
    bool is_forced;
    bool has_unissued; /* with those that were asked for once, in vain */
    bool checks_crls;  /* say of each when its revocation list is due */
    bool reads_wishes; /* those that are not due, too: are they damaged? */
    int64_t utc;
    int64_t next_look_at; /* as in struct ac_plan_facts */
    int64_t looked_at;    /* the look before that one; 0: it is this one */
    int64_t expected_at;  /* when somebody should have looked next; 0: not known */
};

/*
 * AC_E_USAGE: one of the names is no certificate's. What is wrong with one certificate
 * is no failure: it is due, and its renewal will say why.
 */
AC_MUST enum ac_code ac_upkeep_survey(const struct ac_upkeep_settings *settings,
                                      struct ac_upkeep *ret_upkeep,
                                      struct ac_error *err);
void ac_upkeep_done(struct ac_upkeep *upkeep);
AC_DEFINE_DROP_VALUE(ac_upkeep, ac_upkeep_done)

enum ac_upkeep_question {
    AC_UPKEEP_WINDOW, /* the CA is to be asked for its window */
    AC_UPKEEP_CRL     /* a revocation list is to be fetched */
};
/* Those for which this is to be asked now; not what nobody wants any more. */
AC_MUST enum ac_code ac_upkeep_names(const struct ac_upkeep *upkeep,
                                     enum ac_upkeep_question question,
                                     struct ac_words *ret_names, struct ac_error *err);
/* Is something to be done about it now, as far as it is known? */
bool ac_upkeep_is_due(const struct ac_upkeep_item *item, int64_t utc);
/* Is there an installer that has to be told of it now? */
bool ac_upkeep_is_to_deploy(const struct ac_upkeep_item *item, int64_t utc);
/* When the next one is due; AC_PLAN_NEVER: none. */
int64_t ac_upkeep_next_at(const struct ac_upkeep *upkeep);
/* When to look again: one is due, or its CA is to be asked for its window or for what
 * it revoked. */
int64_t ac_upkeep_look_at(const struct ac_upkeep *upkeep);

#endif
