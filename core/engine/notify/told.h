/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was told of one certificate, and to whom: told.json beside its state.json. It is
 * written after a notification command ended well, so that what a killed run did not
 * tell is told by the next one. Only for whoever holds the lock of engine/notify.
 *
 * One that is gone or damaged costs a notification that was told before, and no more.
 */
#ifndef AC_ENGINE_TOLD_H
#define AC_ENGINE_TOLD_H

#include "store/store.h"

#define AC_TOLD_MAX 64 /* notifiers of one certificate */

/* To one notifier. Times are UTC seconds; 0: nothing was told. */
struct ac_told {
    char *notifier;        /* its name; owned */
    int64_t version;       /* the newest that it was told of */
    int64_t failed_at;     /* when it was told of failures that last */
    int64_t failures;      /* how many in a row there were then */
    int64_t expiring_at;   /* when it was told of an end that is near */
    int64_t revoked_at;    /* of the newest revocation that it was told of */
    int64_t deployed_at;   /* of the newest deployment that it was told of */
    int64_t undeployed_at; /* when it was told of a deployment that fails */
};

struct ac_told_list {
    struct ac_told *items; /* owned */
    size_t count, capacity;
};

AC_MUST enum ac_code ac_told_load(const struct ac_store *store, const char *name,
                                  struct ac_told_list *ret_list, struct ac_error *err);
AC_MUST enum ac_code ac_told_save(const struct ac_told_list *list,
                                  struct ac_store *store, const char *name,
                                  struct ac_error *err);
/* What one notifier was told; made when there is nothing. Lent until the next is made.
 */
AC_MUST enum ac_code ac_told_get(struct ac_told_list *list, const char *notifier,
                                 struct ac_told **ret_told, struct ac_error *err);
void ac_told_list_done(struct ac_told_list *list);
AC_DEFINE_DROP_VALUE(ac_told_list, ac_told_list_done)

#endif
