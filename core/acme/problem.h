/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Problem documents (RFC 7807, RFC 8555 6.7): what a CA says when it refuses.
 */
#ifndef AC_ACME_PROBLEM_H
#define AC_ACME_PROBLEM_H

#include "base/json.h"

#define AC_PROBLEM_SUBPROBLEMS_MAX 1000
#define AC_PROBLEM_TEXT_MAX        2048 /* of one detail; the rest is cut */

/* All text is cleaned (fit to show). Owned; absent is "" or NULL as said. */
struct ac_problem {
    char *type;       /* "rateLimited" (the urn prefix is cut), a foreign URI, or "" */
    char *detail;     /* "" when absent */
    char *identifier; /* subproblems: whom it is about; NULL */
    char *instance;   /* URL to visit (userActionRequired), or NULL */
    char *help;       /* from Link rel="help" or "terms-of-service", or NULL */
    long status;      /* HTTP status */
    struct ac_words algorithms;     /* badSignatureAlgorithm (6.2) */
    struct ac_problem *subproblems; /* one level */
    size_t subproblem_count;
};

/* From an "error" object. Never fails on odd members, only AC_E_NOMEM. NULL gives NULL.
 */
AC_MUST enum ac_code ac_problem_from_json(const struct ac_json *json,
                                          struct ac_problem **ret_problem,
                                          struct ac_error *err);
/* From an error answer: any body (empty, HTML, JSON of another shape) is taken. */
AC_MUST enum ac_code ac_problem_from_answer(long status, const char *body, size_t size,
                                            struct ac_problem **ret_problem,
                                            struct ac_error *err);
void ac_problem_free(struct ac_problem *problem);
AC_DEFINE_DROP(ac_problem, ac_problem_free)

bool ac_problem_is(const struct ac_problem *problem, const char *type);
/*
 * Fills err from it (AC_E_RATE_LIMITED for 429 or rateLimited, AC_E_NETWORK for 5xx
 * without a problem type, else AC_E_PROBLEM) and returns the code. The detail is the
 * CA's sentence, then those of the subproblems, name by name, as far as they fit.
 */
enum ac_code ac_problem_fail(const struct ac_problem *problem, uint32_t retry_after,
                             struct ac_error *err);
/* {"type","detail","status","instance","subproblems":[…]} for --json and the state. */
AC_MUST enum ac_code ac_problem_to_json(const struct ac_problem *problem,
                                        struct ac_json **ret_json,
                                        struct ac_error *err);

#endif
