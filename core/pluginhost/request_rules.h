/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plugin may ask of host->http, and when the host asks again for it. Pure: knows
 * no socket and no clock.
 */
#ifndef AC_PLUGINHOST_REQUEST_RULES_H
#define AC_PLUGINHOST_REQUEST_RULES_H

#include "base/error.h"

#include <acmecore/plugin.h>

#include <stdbool.h>

/* How a request may go out. */
enum ac_request_way {
    AC_REQUEST_TLS,   /* https */
    AC_REQUEST_LOCAL, /* http to this machine: nobody reads it on the way */
    AC_REQUEST_LOOK,  /* http to anywhere: nothing of ours goes out with it */
    AC_REQUEST_NEVER
};

/* What came of one try. */
struct ac_request_outcome {
    bool is_answered;   /* http_status holds */
    bool was_unreached; /* not a byte of it went to the server */
    bool was_broken;    /* the connection ended under way */
    long http_status;
    int64_t retry_after_s; /* from Retry-After; 0: not given */
};

#define AC_REQUEST_TRIES_MAX 3u

/* Sizes, characters, and that nothing is missing. */
bool ac_request_is_well_formed(const struct acmecore_request *request);
/* May it go out in a dry run? */
bool ac_request_is_harmless(const struct acmecore_request *request);
enum ac_request_way ac_request_way_of(const struct acmecore_request *request);
/* Milliseconds until the next try, or -1: this outcome is the last. tries: so far. */
int64_t ac_request_wait_ms(const struct acmecore_request *request,
                           const struct ac_request_outcome *outcome, unsigned tries);

#endif
