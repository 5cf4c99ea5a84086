/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a certificate is due again, and why. Pure. Always relative to its own lifetime:
 * lifetimes are shrinking and are never assumed (PROTOCOL C.3).
 */
#ifndef AC_ENGINE_PLAN_H
#define AC_ENGINE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#define AC_PLAN_SHORT_LIFETIME_S ((int64_t)10 * 86400)
#define AC_PLAN_NEVER            INT64_MAX

/* Why something is to be done; the words are stable (docs/json.md). */
enum ac_plan_reason {
    AC_PLAN_FRESH,       /* nothing is to be done before due_at */
    AC_PLAN_MISSING,     /* wanted, and not held */
    AC_PLAN_DAMAGED,     /* what is held is of no use */
    AC_PLAN_INTERRUPTED, /* an earlier run left an order that can be continued */
    AC_PLAN_CHANGED,     /* what is wanted is no longer what is held */
    AC_PLAN_REVOKED,
    AC_PLAN_SUGGESTED, /* the CA's suggested window (RFC 9773) */
    AC_PLAN_LIFETIME,  /* so much of its life is over */
    AC_PLAN_FORCED
};
/* "lifetime"; static. */
const char *ac_plan_reason_name(enum ac_plan_reason reason);

/* What is known of one certificate. Times are UTC seconds, 0 where not known. */
struct ac_plan_facts {
    const char *name; /* spreads the fleet: the same name, the same moment */
    bool is_held, is_damaged, is_interrupted, is_changed, is_revoked, is_forced;
    int64_t not_before, not_after;
    int64_t window_start, window_end; /* that the CA suggests */
    int64_t suggested_at;             /* the instant chosen in it */
    unsigned failures;                /* in a row */
    int64_t next_attempt_at;
    int64_t next_look_at; /* the run after this one; 0: it comes whenever it is due */
};

struct ac_plan {
    enum ac_plan_reason reason; /* FRESH: due_at lies ahead */
    int64_t due_at;             /* when it is, or was, due */
    int64_t attempt_at;         /* due_at; later after a failure; utc: see below */
};

/*
 * Is attempt_at not after utc, it is to be done now. That is so before due_at, but by
 * no more than a fifth of the lifetime, where
 * - the next look would be after it (RFC 9773 4.2), unless that one is within the CA's
 *   window and this one before it: CAs exempt from their limits there;
 * - fewer than four looks would be left before the end, for an outage of three of them.
 */
struct ac_plan ac_plan_make(const struct ac_plan_facts *facts, int64_t utc);

/*
 * How long to leave it alone after so many failures in a row (PROTOCOL C.3: 1 min,
 * 10 min, 100 min, then daily), but at least as long as the CA says (retry_after, 0:
 * nothing), and always soon enough to try often in what is left of the lifetime.
 * Seconds.
 */
int64_t ac_plan_back_off_s(unsigned failures, uint32_t retry_after, int64_t lifetime_s);

/*
 * How long a certificate that is held from not_before to not_after waits for its CA at
 * most: an eighth of its lifetime, but no longer than half of what is left of it (an
 * hour where that is less). 0 and 0, for none that is held: a day. So long the CA's
 * word not to come back counts, and no longer an order may take. Seconds.
 */
int64_t ac_plan_patience_s(int64_t not_before, int64_t not_after, int64_t utc);

/*
 * The end of a rest as it was noted at failed_at (0: not after a failure); 0 where that
 * is of the future, or longer than any rest is: then a clock that was ahead noted it,
 * and it must not silence the certificate until that day. Seconds.
 */
int64_t ac_plan_rest_until(int64_t failed_at, int64_t next_attempt_at,
                           int64_t lifetime_s, int64_t utc);

/*
 * Two thirds of the lifetime, half of it when under ten days; up to a thirtieth of it
 * earlier by the digits of the name, so that what was issued together does not come due
 * together.
 */
int64_t ac_plan_renew_at(const char *name, int64_t not_before, int64_t not_after);

#endif
