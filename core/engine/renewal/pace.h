/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far apart the looks of `renew` are: a timer's rhythm is known from what was seen
 * of it. What comes due before the next look is for this one (RFC 9773 4.2), so that
 * nothing is late by the timer, and a life of days has looks left for an outage.
 */
#ifndef AC_ENGINE_PACE_H
#define AC_ENGINE_PACE_H

#include "store/store.h"

#define AC_PACE_LOOKS   5
#define AC_PACE_LEAST_S 1800  /* what comes sooner is by hand, and not counted */
#define AC_PACE_WATCH_S 21600 /* between two looks of a process that stays, at most */

struct ac_pace {
    int64_t looks[AC_PACE_LOOKS]; /* the last ones, UTC seconds, the newest first */
    size_t count;
    int64_t watched_at; /* the last one of a process that stays; 0: none is known */
};

/* Where none is kept, or a damaged one, nothing is known: that is no failure. */
AC_MUST enum ac_code ac_pace_load(const struct ac_store *store,
                                  struct ac_pace *ret_pace, struct ac_error *err);
/* Notes a look at everything, and keeps it. A clock that went back begins anew. */
AC_MUST enum ac_code ac_pace_note(struct ac_pace *pace, int64_t utc,
                                  struct ac_store *store, struct ac_error *err);
/* The same for one of a process that stays: it has no rhythm, but a longest sleep. */
AC_MUST enum ac_code ac_pace_note_watch(struct ac_pace *pace, int64_t utc,
                                        struct ac_store *store, struct ac_error *err);
/*
 * When the next look is to be expected, 0: not known. Of the gaps between the last ones
 * the longest is left out: a machine may have been off, a timer late.
 */
int64_t ac_pace_next_at(const struct ac_pace *pace, int64_t utc);
/* When the look after the last one is, or was, to be expected, whoever looked; 0: not
 * known. */
int64_t ac_pace_expected_at(const struct ac_pace *pace);

#endif
