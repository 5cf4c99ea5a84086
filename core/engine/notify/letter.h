/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The events that one notifier gets in one call, and what is noted once it took them.
 * Private to engine/notify.
 */
#ifndef AC_ENGINE_LETTER_H
#define AC_ENGINE_LETTER_H

#include "engine/notify/notice.h"
#include "engine/notify/unnoted.h"

#define AC_LETTER_EVENTS_MAX 500
#define AC_LETTER_SIZE_MAX   ((size_t)1024 * 1024) /* bytes, as JSON */
#define AC_LETTER_CALLS_MAX  40 /* of one notifier in one run: 20,000 events */

struct ac_letter {
    struct ac_json *events; /* NULL: none */
    size_t size;            /* of them, as JSON */
    struct ac_letter_mark {
        char *certificate;
        struct ac_told told; /* as it is afterwards */
    } * marks;               /* owned */
    size_t mark_count, mark_capacity;
    unsigned calls;
    bool is_out; /* it failed, or has had enough: the next run goes on */
};

void ac_letter_done(struct ac_letter *letter);
bool ac_letter_is_full(const struct ac_letter *letter);
/* All events that are owed, one after another. */
AC_MUST enum ac_code ac_letter_add(struct ac_letter *letter,
                                   const struct ac_notice_subject *subject,
                                   const bool owed[AC_EVENT_COUNT],
                                   struct ac_error *err);
/* The notifier has taken them. The first failure to note it is told; the others are
 * noted all the same. unnoted: keeps what cannot be noted; or NULL. */
AC_MUST enum ac_code ac_letter_note(struct ac_letter *letter, struct ac_store *store,
                                    struct ac_unnoted *unnoted, struct ac_error *err);
/* Makes it empty for the next call. */
void ac_letter_clear(struct ac_letter *letter);

#endif
