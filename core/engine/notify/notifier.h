/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is to be told of what: the commands that the configuration names for
 * notifications, and those that a certificate brings itself.
 */
#ifndef AC_ENGINE_NOTIFIER_H
#define AC_ENGINE_NOTIFIER_H

#include "engine/command/user_command.h"
#include "engine/wanted/wanted.h"

#define AC_NOTIFIERS_MAX         32
#define AC_NOTIFIER_TIMEOUT_MS   30000
#define AC_NOTIFIER_EXPIRING     "15%" /* of the life: 13 days of 90, 1 day of 6 */
#define AC_NOTIFIER_EXPIRING_MAX 3650  /* days */

/* What can be told; the words are stable (docs/json.md). */
enum ac_event {
    AC_EVENT_RENEWED, /* also issued for the first time */
    AC_EVENT_FAILED,
    AC_EVENT_EXPIRING,
    AC_EVENT_REVOKED,
    AC_EVENT_DEPLOYED,      /* an installer has proven that it is served */
    AC_EVENT_DEPLOY_FAILED, /* stored, and not live */
    AC_EVENT_COUNT
};
/* "renewed"; static. */
const char *ac_event_name(enum ac_event event);

/* So much of a life left is too little: a share of it, or a time. */
struct ac_expiry {
    int64_t percent; /* 0: seconds counts */
    int64_t seconds;
};
/* "15%", "10d", "36h". AC_E_USAGE: none of these. */
AC_MUST enum ac_code ac_expiry_parse(const char *text, struct ac_expiry *ret_expiry,
                                     struct ac_error *err);
int64_t ac_expiry_of(const struct ac_expiry *expiry, int64_t lifetime_s);

struct ac_notifier {
    struct ac_user_command command;
    bool wants[AC_EVENT_COUNT];
    struct ac_expiry expiry;
};

/* A section as it is to be used. AC_E_USAGE: something in it is wrong. */
AC_MUST enum ac_code ac_notifier_read(const struct ac_config_command *section,
                                      struct ac_notifier *ret_notifier,
                                      struct ac_error *err);
void ac_notifier_done(struct ac_notifier *notifier);
AC_DEFINE_DROP_VALUE(ac_notifier, ac_notifier_done)

struct ac_notifiers {
    struct ac_notifier *items; /* owned */
    size_t count, capacity;
};
/*
 * The notifier that a reference means, made when it is asked for first; lent until the
 * next is asked for. config NULL: there is none. AC_E_USAGE: it leads nowhere.
 */
AC_MUST enum ac_code ac_notifiers_get(struct ac_notifiers *notifiers,
                                      const struct ac_config *config,
                                      const char *reference, size_t *ret_index,
                                      struct ac_error *err);
void ac_notifiers_done(struct ac_notifiers *notifiers);
AC_DEFINE_DROP_VALUE(ac_notifiers, ac_notifiers_done)

/*
 * The references that count for a certificate: its own, else what the configuration
 * says outside of sections, else each notify section. Never "none".
 */
AC_MUST enum ac_code ac_notifier_references(const struct ac_config *config,
                                            const struct ac_wanted *wanted,
                                            struct ac_words *ret_references,
                                            struct ac_error *err);
/* Can each notifier of a certificate be run? AC_E_USAGE: one cannot, and where the
 * configuration speaks of it. */
AC_MUST enum ac_code ac_notifier_check(const struct ac_config *config,
                                       const struct ac_wanted *wanted,
                                       struct ac_error *err);

#endif
