/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a notifier is still to be told of a certificate: made from what is on disk, so
 * that a run that was killed before it told owes it to the next one. Pure.
 */
#ifndef AC_ENGINE_OWED_H
#define AC_ENGINE_OWED_H

#include "engine/held/state.h"
#include "engine/notify/notifier.h"
#include "engine/notify/told.h"
#include "engine/renewal/plan.h"

/* What lasts is told again after a day, less what a timer comes early. */
#define AC_OWED_AGAIN_S ((int64_t)23 * 3600)
/* What happened once and could not be told is told so much later at most: one who is
 * asked to be told from today on does not get the past. */
#define AC_OWED_LATE_S ((int64_t)3 * 86400)

struct ac_owed_facts {
    const struct ac_state *state;
    enum ac_plan_reason reason;    /* FRESH: nothing is due */
    int64_t not_before, not_after; /* of what is held; 0: nothing */
    bool has_failed;               /* in this run, whatever the state says */
    bool is_unwanted;              /* the configuration has it no more */
    int64_t utc;
};

/* How many are owed. */
size_t ac_owed_find(const struct ac_notifier *notifier, const struct ac_told *told,
                    const struct ac_owed_facts *facts, bool ret_owed[AC_EVENT_COUNT]);
/* They were told. */
void ac_owed_settle(const struct ac_owed_facts *facts, const bool owed[AC_EVENT_COUNT],
                    struct ac_told *told);
/* Could anybody be owed anything? Cheap, for thousands. */
bool ac_owed_may_be(const struct ac_state *state, enum ac_plan_reason reason,
                    int64_t utc);
/* Is it known without its wish that it asks for nobody to be told? After a large round
 * that all were issued is the one news, and thousands of wishes need not be read. */
bool ac_owed_is_silent(const struct ac_state *state, enum ac_plan_reason reason,
                       int64_t utc);
/* The newest revocation that is noted; NULL: none. Lent. */
const struct ac_state_revoked *ac_owed_revoked(const struct ac_state *state);

#endif
