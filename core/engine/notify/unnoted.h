/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was told and could not be noted, because the disk is full or not ours to write:
 * kept by a process that stays, so that it does not tell the same at each look.
 */
#ifndef AC_ENGINE_UNNOTED_H
#define AC_ENGINE_UNNOTED_H

#include "engine/notify/told.h"

struct ac_unnoted {
    struct ac_unnoted_item {
        char *certificate;
        struct ac_told told; /* its notifier is owned */
    } * items;               /* owned */
    size_t count, capacity;
};

void ac_unnoted_done(struct ac_unnoted *unnoted);
AC_DEFINE_DROP_VALUE(ac_unnoted, ac_unnoted_done)

/* In place of what is kept of this certificate and notifier. */
AC_MUST enum ac_code ac_unnoted_keep(struct ac_unnoted *unnoted,
                                     const char *certificate,
                                     const struct ac_told *told, struct ac_error *err);
/* It could be noted after all. */
void ac_unnoted_forget(struct ac_unnoted *unnoted, const char *certificate,
                       const char *notifier);
/* Puts what is kept in the place of what is on disk, unless that is of a newer version:
 * then another run noted it. */
void ac_unnoted_recall(const struct ac_unnoted *unnoted, const char *certificate,
                       struct ac_told *told);

#endif
