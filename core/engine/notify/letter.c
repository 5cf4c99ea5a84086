/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/notify/letter.h"

#include <stdlib.h>
#include <string.h>

void ac_letter_clear(struct ac_letter *letter)
{
    for (size_t i = 0; i < letter->mark_count; i++) {
        free(letter->marks[i].certificate);
        free(letter->marks[i].told.notifier);
    }
    letter->mark_count = 0;
    letter->size = 0;
    ac_json_free(letter->events);
    letter->events = NULL;
}

void ac_letter_done(struct ac_letter *letter)
{
    ac_letter_clear(letter);
    free(letter->marks);
    *letter = (struct ac_letter){ 0 };
}

bool ac_letter_is_full(const struct ac_letter *letter)
{
    return ac_json_count(letter->events) >= AC_LETTER_EVENTS_MAX
           || letter->size >= AC_LETTER_SIZE_MAX;
}

/* ---- adding */

static enum ac_code add_event(struct ac_letter *letter,
                              const struct ac_notice_subject *subject,
                              enum ac_event event, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO_TEXT char *text = NULL;

    AC_TRY(ac_notice_event(subject, event, &json, err));
    AC_TRY(ac_json_write(json, &text, err));
    if (!letter->events)
        AC_TRY(ac_json_new(&letter->events, err, "[]"));
    letter->size += strlen(text);
    return ac_json_append(letter->events, &json, err);
}

static enum ac_code add_mark(struct ac_letter *letter,
                             const struct ac_notice_subject *subject,
                             const bool owed[AC_EVENT_COUNT], struct ac_error *err)
{
    AC_AUTO_TEXT char *certificate = NULL;
    AC_AUTO_TEXT char *notifier = NULL;

    AC_TRY(ac_memory_copy_text(subject->name, &certificate, err));
    AC_TRY(ac_memory_copy_text(subject->told->notifier, &notifier, err));
    AC_TRY(ac_memory_grow(&letter->marks, &letter->mark_capacity,
                          letter->mark_count + 1, sizeof *letter->marks, err));
    struct ac_letter_mark *mark = &letter->marks[letter->mark_count++];
    *mark = (struct ac_letter_mark){ .certificate = AC_TAKE(certificate),
                                     .told = *subject->told };
    mark->told.notifier = AC_TAKE(notifier);
    ac_owed_settle(subject->facts, owed, &mark->told);
    return AC_OK;
}

enum ac_code ac_letter_add(struct ac_letter *letter,
                           const struct ac_notice_subject *subject,
                           const bool owed[AC_EVENT_COUNT], struct ac_error *err)
{
    for (size_t event = 0; event < AC_EVENT_COUNT; event++) {
        if (owed[event])
            AC_TRY(add_event(letter, subject, (enum ac_event)event, err));
    }
    return add_mark(letter, subject, owed, err);
}

/* ---- noting */

static enum ac_code note(struct ac_store *store, const struct ac_letter_mark *mark,
                         struct ac_error *err)
{
    AC_AUTO(ac_lock) *lock = NULL;
    AC_AUTO(ac_told_list) list = { 0 };
    struct ac_error ignored = { 0 };
    struct ac_told *told;

    /* Not for the document, which is ours alone, but so that nobody who takes the lock
     * meanwhile sweeps its draft away. Whoever has it now did that before. */
    (void)!ac_store_lock(store, AC_STORE_CERTIFICATES, mark->certificate, &lock,
                         &ignored);
    AC_TRY(ac_told_load(store, mark->certificate, &list, err));
    AC_TRY(ac_told_get(&list, mark->told.notifier, &told, err));
    char *notifier = told->notifier;
    *told = mark->told;
    told->notifier = notifier;
    return ac_told_save(&list, store, mark->certificate, err);
}

/* What cannot even be kept is told again; there is nothing worse to it. */
static void note_kept(struct ac_unnoted *unnoted, const struct ac_letter_mark *mark,
                      bool is_noted)
{
    struct ac_error ignored;

    if (!unnoted)
        return;
    if (is_noted) {
        ac_unnoted_forget(unnoted, mark->certificate, mark->told.notifier);
    } else {
        (void)!ac_unnoted_keep(unnoted, mark->certificate, &mark->told, &ignored);
    }
}

enum ac_code ac_letter_note(struct ac_letter *letter, struct ac_store *store,
                            struct ac_unnoted *unnoted, struct ac_error *err)
{
    enum ac_code first = AC_OK;

    for (size_t i = 0; i < letter->mark_count; i++) {
        const struct ac_letter_mark *mark = &letter->marks[i];
        struct ac_error why = { 0 };
        bool is_noted = note(store, mark, &why) == AC_OK;

        note_kept(unnoted, mark, is_noted);
        if (!is_noted && first == AC_OK) {
            *err = why;
            first = why.code;
        }
    }
    return first;
}
