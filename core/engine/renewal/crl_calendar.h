/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When revocation lists are to be fetched, each note read once however many
 * certificates are in its care. For the survey.
 */
#ifndef AC_ENGINE_CRL_CALENDAR_H
#define AC_ENGINE_CRL_CALENDAR_H

#include "engine/held/state.h"

struct ac_crl_day {
    char *url, *issuer; /* owned */
    int64_t at;
};

struct ac_crl_calendar {
    const struct ac_store *store; /* borrowed */
    struct ac_crl_day *days;      /* sorted by both */
    size_t count, capacity;
};

/* When the first list of the current version's certificates is due, in UTC seconds: 0
 * when nobody has looked yet, AC_CLOCK_NEVER when there is none. */
AC_MUST enum ac_code ac_crl_calendar_find(struct ac_crl_calendar *calendar,
                                          const struct ac_state *state, int64_t utc,
                                          int64_t *ret_at, struct ac_error *err);
void ac_crl_calendar_done(struct ac_crl_calendar *calendar);
AC_DEFINE_DROP_VALUE(ac_crl_calendar, ac_crl_calendar_done)

#endif
