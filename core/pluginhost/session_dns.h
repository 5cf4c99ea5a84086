/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The DNS operations of a session: "locate", "caa", and the look at the name servers
 * that follows a plugin's own probe. Inside of session.c, apart for its size.
 */
#ifndef AC_PLUGINHOST_SESSION_DNS_H
#define AC_PLUGINHOST_SESSION_DNS_H

#include "pluginhost/dns.h"
#include "pluginhost/session.h"

/* The "results" of "locate": where each challenge's record lies; for those of
 * dns-persist-01 also what records there are. */
AC_MUST enum ac_code ac_session_locate(const struct ac_session *session,
                                       const struct ac_json *json, int64_t deadline_ms,
                                       struct ac_json **ret_results,
                                       struct ac_error *err);
/* The "findings" of "caa". Needs no plugin. */
AC_MUST enum ac_code ac_session_caa(const struct ac_json *json, int64_t deadline_ms,
                                    struct ac_json **ret_findings,
                                    struct ac_error *err);
/*
 * Looks for what the plugin's own probe calls OK, and logs what is given up.
 *
 * results       of the plugin's probe; what is not visible yet is changed
 * ret_verdicts  one for each challenge; free with ac_dns_verdicts_free
 */
AC_MUST enum ac_code ac_session_look(struct ac_session *session,
                                     const struct ac_batch *batch, int *results,
                                     int64_t deadline_ms,
                                     struct ac_dns_verdict **ret_verdicts,
                                     struct ac_error *err);
#endif
