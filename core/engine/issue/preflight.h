/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be known before the CA is told that the answers are in place: do CAA records
 * forbid it to issue (RFC 8659, RFC 8657)? Asked while the order is made and the
 * answers are presented; what is found is a warning, because the CA decides.
 */
#ifndef AC_ENGINE_PREFLIGHT_H
#define AC_ENGINE_PREFLIGHT_H

#include "engine/issue/instances.h"
#include "host/caa.h"

#define AC_PREFLIGHT_MS       5000 /* for all names together */
#define AC_PREFLIGHT_TOLD_MAX 5    /* names; a thousand would be a flood */

enum ac_preflight_mode {
    AC_PREFLIGHT_AUTO, /* where a dns solver answers: it has what that costs anyway */
    AC_PREFLIGHT_WARN, /* whoever answers */
    AC_PREFLIGHT_OFF
};
/* "auto", "warn" or "off". AC_E_USAGE: none of these. */
AC_MUST enum ac_code ac_preflight_parse(const char *word,
                                        enum ac_preflight_mode *ret_mode,
                                        struct ac_error *err);

struct ac_preflight_settings {
    struct ac_loop *loop; /* borrowed, as are all */
    struct ac_caa_pool *pool;
    struct ac_instances *instances;
};

/* What is about to be asked of the CA. Lent for the call. */
struct ac_preflight_request {
    const struct ac_wanted *wanted;
    const struct ac_words *identities; /* of the CA; none: nothing is checked */
    const char *account_url;           /* or NULL */
    int64_t deadline_ms;               /* of the run */
};

struct ac_preflight;

/* *ret_preflight is NULL when there is nothing to be asked. */
AC_MUST enum ac_code ac_preflight_begin(const struct ac_preflight_settings *settings,
                                        const struct ac_preflight_request *request,
                                        struct ac_preflight **ret_preflight,
                                        struct ac_error *err);
/* Before the loop is freed. */
void ac_preflight_free(struct ac_preflight *preflight);
AC_DEFINE_DROP(ac_preflight, ac_preflight_free)

/* Both take NULL: nothing is asked, so it is done and there is nothing to say. */
bool ac_preflight_is_done(const struct ac_preflight *preflight);
/* A sentence for each name that is in danger, the first few. What could not be asked is
 * logged and is no warning. */
AC_MUST enum ac_code ac_preflight_warnings(const struct ac_preflight *preflight,
                                           struct ac_words *warnings,
                                           struct ac_error *err);

#endif
