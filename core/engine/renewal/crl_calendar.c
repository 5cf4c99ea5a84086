/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/renewal/crl_calendar.h"

#include "base/clock.h"
#include "engine/renewal/crl_note.h"

#include <stdlib.h>
#include <string.h>

void ac_crl_calendar_done(struct ac_crl_calendar *calendar)
{
    for (size_t i = 0; i < calendar->count; i++) {
        free(calendar->days[i].url);
        free(calendar->days[i].issuer);
    }
    free(calendar->days);
    *calendar = (struct ac_crl_calendar){ 0 };
}

static int compare(const struct ac_crl_day *day, const struct ac_state_listed *listed)
{
    int order = strcmp(day->url, listed->url);

    return order != 0 ? order : strcmp(day->issuer, listed->issuer);
}

/* The place of the first that is not before it. */
static size_t find_place(const struct ac_crl_calendar *calendar,
                         const struct ac_state_listed *listed)
{
    size_t from = 0;
    size_t to = calendar->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (compare(&calendar->days[middle], listed) < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

static enum ac_code read_day(const struct ac_crl_calendar *calendar,
                             const struct ac_state_listed *listed, int64_t utc,
                             struct ac_crl_day *day, struct ac_error *err)
{
    AC_AUTO(ac_crl_note) note = { 0 };

    AC_TRY(ac_crl_note_load(calendar->store, listed->url, listed->issuer, &note, err));
    day->at = ac_crl_note_is_due(&note, utc) ? 0 : note.next_fetch_at;
    day->url = AC_TAKE(note.url);
    day->issuer = AC_TAKE(note.issuer);
    return AC_OK;
}

static enum ac_code find_day(struct ac_crl_calendar *calendar,
                             const struct ac_state_listed *listed, int64_t utc,
                             int64_t *ret_at, struct ac_error *err)
{
    size_t place = find_place(calendar, listed);
    struct ac_crl_day day = { 0 };

    if (place < calendar->count && compare(&calendar->days[place], listed) == 0) {
        *ret_at = calendar->days[place].at;
        return AC_OK;
    }
    AC_TRY(ac_memory_grow(&calendar->days, &calendar->capacity, calendar->count + 1,
                          sizeof *calendar->days, err));
    AC_TRY(read_day(calendar, listed, utc, &day, err));
    memmove(calendar->days + place + 1, calendar->days + place,
            (calendar->count - place) * sizeof *calendar->days);
    calendar->days[place] = day;
    calendar->count++;
    *ret_at = day.at;
    return AC_OK;
}

enum ac_code ac_crl_calendar_find(struct ac_crl_calendar *calendar,
                                  const struct ac_state *state, int64_t utc,
                                  int64_t *ret_at, struct ac_error *err)
{
    const struct ac_state_crl *crl = &state->crl;
    int64_t first_at = AC_CLOCK_NEVER;

    if (!ac_state_knows_crl(state))
        first_at = 0;
    for (size_t i = 0; first_at > 0 && i < crl->count; i++) {
        int64_t at = AC_CLOCK_NEVER;

        if (crl->items[i].url)
            AC_TRY(find_day(calendar, &crl->items[i], utc, &at, err));
        first_at = at < first_at ? at : first_at;
    }
    *ret_at = first_at;
    return AC_OK;
}
