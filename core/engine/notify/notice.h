/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a notification command reads on its stdin (docs/notifications.md): a document
 * with a list of events, each about one certificate.
 */
#ifndef AC_ENGINE_NOTICE_H
#define AC_ENGINE_NOTICE_H

#include "engine/notify/owed.h"

#define AC_NOTICE_SCHEMA      1
#define AC_NOTICE_NAMES_MAX   100          /* identifiers that an event lists */
#define AC_NOTICE_DETAILS_MAX (32u * 1024) /* bytes of the CA's own words */

/* An error as --json has it. */
typedef enum ac_code ac_notice_describe(const struct ac_error *why,
                                        struct ac_json **ret_json,
                                        struct ac_error *err);

/* What went wrong in this run; all are lent, or NULL. */
struct ac_notice_failure {
    const struct ac_error *why;
    const struct ac_json *problem;     /* the CA's document */
    const struct ac_json *identifiers; /* the names that failed */
};

struct ac_notice_subject {
    const char *name;
    const struct ac_identifiers *identifiers;
    const struct ac_owed_facts *facts;
    const struct ac_told *told;              /* before */
    const struct ac_notice_failure *failure; /* NULL: what the state says */
    ac_notice_describe *describe;
};

AC_MUST enum ac_code ac_notice_event(const struct ac_notice_subject *subject,
                                     enum ac_event event, struct ac_json **ret_json,
                                     struct ac_error *err);
/* {"schema","notifier","time","events":[…]}; takes the list. */
AC_MUST enum ac_code ac_notice_document(const char *notifier, int64_t utc,
                                        struct ac_json **events,
                                        struct ac_json **ret_json,
                                        struct ac_error *err);

#endif
