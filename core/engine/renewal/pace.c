/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/renewal/pace.h"

#include "base/clock.h"

#include <string.h>

#define GROUP    "runs"
#define NAME     "renew"
#define DOCUMENT "pace.json"
#define LOOKS    "looks"
#define WATCHED  "watched_at"

/* Only what is in order and far enough apart. */
static void read_looks(const struct ac_words *texts, struct ac_pace *pace)
{
    struct ac_error ignored;

    for (size_t i = 0; i < texts->count && pace->count < AC_PACE_LOOKS; i++) {
        int64_t look = 0;

        if (ac_clock_parse(texts->items[i], &look, &ignored) != AC_OK
            || (i > 0 && look > pace->looks[i - 1] - AC_PACE_LEAST_S))
            return;
        pace->looks[pace->count++] = look;
    }
}

static int64_t read_watched(const struct ac_json *document)
{
    const char *text = ac_json_text_or(document, WATCHED, NULL);
    struct ac_error ignored;
    int64_t utc = 0;

    if (!text || ac_clock_parse(text, &utc, &ignored) != AC_OK || utc < 0)
        return 0;
    return utc;
}

enum ac_code ac_pace_load(const struct ac_store *store, struct ac_pace *ret_pace,
                          struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_words) texts = { 0 };
    struct ac_pace pace = { 0 };
    struct ac_error why = { 0 };
    enum ac_code code = ac_store_load(store, GROUP, NAME, DOCUMENT, &document, &why);

    if (code == AC_OK) {
        pace.watched_at = read_watched(document);
        code = ac_json_get_words(document, LOOKS, &texts, &why);
    }
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code == AC_OK)
        read_looks(&texts, &pace);
    *ret_pace = pace;
    return AC_OK;
}

/* Under its lock, which sweeps what a killed run was writing. Another run that looks at
 * the same moment notes the same. */
static enum ac_code save(const struct ac_pace *pace, struct ac_store *store,
                         struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_words) texts = { 0 };
    AC_AUTO(ac_lock) *lock = NULL;
    struct ac_error why = { 0 };
    enum ac_code code = ac_store_lock(store, GROUP, NAME, &lock, &why);

    if (code == AC_E_LOCKED)
        return AC_OK;
    if (code != AC_OK)
        return ac_fail(err, code, "%s", why.detail);
    for (size_t i = 0; i < pace->count; i++) {
        char text[AC_CLOCK_TEXT_SIZE];

        AC_TRY(ac_words_add(&texts, ac_clock_format(pace->looks[i], text), err));
    }
    AC_TRY(ac_json_new(&document, err, "{}"));
    AC_TRY(ac_json_set_words(document, LOOKS, &texts, err));
    if (pace->watched_at > 0)
        AC_TRY(ac_json_set_time(document, WATCHED, pace->watched_at, err));
    return ac_store_save(store, GROUP, NAME, DOCUMENT, document, err);
}

enum ac_code ac_pace_note(struct ac_pace *pace, int64_t utc, struct ac_store *store,
                          struct ac_error *err)
{
    if (pace->count > 0 && utc < pace->looks[0])
        pace->count = 0;
    if (utc < pace->watched_at)
        pace->watched_at = 0;
    if (pace->count > 0 && utc - pace->looks[0] < AC_PACE_LEAST_S)
        return AC_OK;
    memmove(pace->looks + 1, pace->looks, (AC_PACE_LOOKS - 1) * sizeof pace->looks[0]);
    pace->looks[0] = utc;
    if (pace->count < AC_PACE_LOOKS)
        pace->count++;
    return save(pace, store, err);
}

/* Not at each look, so that a disk may sleep. */
enum ac_code ac_pace_note_watch(struct ac_pace *pace, int64_t utc,
                                struct ac_store *store, struct ac_error *err)
{
    int64_t ago_s = utc - pace->watched_at;

    if (ago_s >= 0 && ago_s < AC_PACE_LEAST_S)
        return AC_OK;
    pace->watched_at = utc;
    return save(pace, store, err);
}

int64_t ac_pace_next_at(const struct ac_pace *pace, int64_t utc)
{
    int64_t longest_s = 0;
    int64_t second_s = 0;

    if (pace->count > 0 && pace->looks[0] > utc)
        return 0;
    for (size_t i = 1; i < pace->count; i++) {
        int64_t gap_s = pace->looks[i - 1] - pace->looks[i];

        if (gap_s > longest_s) {
            second_s = longest_s;
            longest_s = gap_s;
        } else if (gap_s > second_s) {
            second_s = gap_s;
        }
    }
    return second_s > 0 ? utc + second_s : 0;
}

int64_t ac_pace_expected_at(const struct ac_pace *pace)
{
    int64_t looked_at = pace->count > 0 ? pace->looks[0] : 0;

    if (pace->watched_at > looked_at)
        return pace->watched_at + AC_PACE_WATCH_S;
    return looked_at > 0 ? ac_pace_next_at(pace, looked_at) : 0;
}
