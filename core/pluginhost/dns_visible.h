/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a TXT record where validators will look? Asked of every address of every server of
 * its zone, or of the resolvers, or only waited for.
 *
 * A call lasts about AC_DNS_VISIBLE_CALL_MS at most and is repeated; what was learned
 * (servers, addresses, values seen, when the first question was asked) is kept between
 * calls. Authoritative servers remember no absence, so they are asked again soon; a
 * resolver does, and is left alone until its memory ends.
 */
#ifndef AC_PLUGINHOST_DNS_VISIBLE_H
#define AC_PLUGINHOST_DNS_VISIBLE_H

#include "pluginhost/dns_quorum.h"

#include <acmecore/plugin.h>

#define AC_DNS_VISIBLE_CALL_MS 2000
#define AC_DNS_VISIBLE_ROUND_MS                                                        \
    500 /* for all answers; every fourth round takes AC_DNS_VISIBLE_LONG_MS */
#define AC_DNS_VISIBLE_LONG_MS  1500
#define AC_DNS_VISIBLE_PAUSE_MS 250   /* between rounds */
#define AC_DNS_VISIBLE_DEAD_MS  6000  /* who has not answered until then is dead */
#define AC_DNS_VISIBLE_STALE_MS 60000 /* nobody asked for so long: it starts anew */
#define AC_DNS_VALUES_MAX       256   /* kept of one name at one address */

enum ac_dns_mode {
    AC_DNS_AUTHORITATIVE,
    AC_DNS_RESOLVER,
    AC_DNS_WAIT,
    AC_DNS_OFF
};

struct ac_dns_visible_settings {
    enum ac_dns_mode mode;
    int64_t wait_ms; /* AC_DNS_WAIT */
    int64_t timeout_ms;
    int64_t dead_ms; /* AC_DNS_VISIBLE_DEAD_MS */
    struct ac_dns_quorum quorum;
    struct ac_dns_resolvers resolvers;
    uint16_t port; /* of authoritative servers */
};

struct ac_dns_visible;

AC_MUST enum ac_code ac_dns_visible_new(const struct ac_dns_visible_settings *settings,
                                        struct ac_dns_visible **ret_visible,
                                        struct ac_error *err);
void ac_dns_visible_free(struct ac_dns_visible *visible);
AC_DEFINE_DROP(ac_dns_visible, ac_dns_visible_free)

/* What there is to say of one challenge. */
struct ac_dns_verdict {
    int status;   /* ACMECORE_OK, ACMECORE_PENDING, ACMECORE_E_TIMEOUT */
    bool is_ours; /* the status is what we found, not what the caller put there */
    struct ac_words report; /* E_TIMEOUT: a line for each server and address */
};
void ac_dns_verdicts_free(struct ac_dns_verdict *verdicts, size_t count);

/*
 * Looks for the records of the challenges whose verdict is OK so far, and leaves the
 * others alone. Challenges without a record are OK. Fails only for lack of memory or of
 * libldns.
 */
AC_MUST enum ac_code ac_dns_visible_probe(
    struct ac_dns_visible *visible, const struct acmecore_challenge *const *challenges,
    size_t count, struct ac_dns_verdict *verdicts, int64_t deadline_ms,
    struct ac_error *err);

#endif
