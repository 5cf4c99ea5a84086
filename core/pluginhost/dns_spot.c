/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns_spot.h"

#include "base/clock.h"
#include "pluginhost/dns_visible.h"

#include <stdlib.h>
#include <string.h>

static void free_looks(struct ac_dns_spot *spot)
{
    for (size_t i = 0; i < spot->look_count; i++)
        ac_words_done(&spot->looks[i].values);
    free(AC_TAKE(spot->looks));
    spot->look_count = 0;
}

static void spot_done(struct ac_dns_spot *spot)
{
    free_looks(spot);
    free(spot->name);
    free(spot->target);
}

void ac_dns_spots_done(struct ac_dns_spots *spots)
{
    for (size_t i = 0; i < spots->count; i++)
        spot_done(&spots->items[i]);
    free(spots->items);
    *spots = (struct ac_dns_spots){ 0 };
}

static enum ac_code add_spot(struct ac_dns_spots *spots, const char *name,
                             struct ac_error *err)
{
    AC_AUTO_TEXT char *copy = NULL;
    AC_AUTO_TEXT char *target = NULL;

    AC_TRY(ac_memory_copy_text(name, &copy, err));
    AC_TRY(ac_memory_copy_text(name, &target, err));
    AC_TRY(ac_memory_grow(&spots->items, &spots->capacity, spots->count + 1,
                          sizeof *spots->items, err));
    spots->items[spots->count++] =
        (struct ac_dns_spot){ .name = AC_TAKE(copy),
                              .target = AC_TAKE(target),
                              .zone = AC_DNS_NO_ZONE,
                              .began_ms = ac_clock_now_ms() };
    return AC_OK;
}

static void begin_anew(struct ac_dns_spot *spot)
{
    free_looks(spot);
    spot->began_ms = ac_clock_now_ms();
    spot->ask_at_ms = 0;
    spot->zone_fetched_at_ms = 0;
    *spot->trouble = '\0';
}

enum ac_code ac_dns_spots_index(struct ac_dns_spots *spots,
                                const struct acmecore_challenge *challenge,
                                int64_t stale_ms, size_t *ret_index,
                                struct ac_error *err)
{
    int64_t now_ms = ac_clock_now_ms();
    size_t index = 0;

    while (index < spots->count
           && strcmp(spots->items[index].name, challenge->record_name) != 0)
        index++;
    if (index == spots->count) {
        AC_TRY(add_spot(spots, challenge->record_name, err));
    } else if (now_ms - spots->items[index].called_at_ms > stale_ms) {
        begin_anew(&spots->items[index]); /* somebody gave up on it long ago */
    }
    spots->items[index].called_at_ms = now_ms;
    spots->items[index].is_needed = true;
    *ret_index = index;
    return AC_OK;
}

void ac_dns_spots_forget(struct ac_dns_spots *spots)
{
    size_t kept = 0;

    for (size_t i = 0; i < spots->count; i++) {
        if (spots->items[i].is_needed) {
            spots->items[kept++] = spots->items[i];
        } else {
            spot_done(&spots->items[i]);
        }
    }
    spots->count = kept;
}

enum ac_code ac_dns_spot_reset(struct ac_dns_spot *spot, size_t look_count,
                               struct ac_error *err)
{
    free_looks(spot);
    AC_TRY(ac_memory_new(look_count, sizeof *spot->looks, &spot->looks, err));
    spot->look_count = look_count;
    return AC_OK;
}

bool ac_dns_look_has(const struct ac_dns_look *look, const char *value)
{
    return ac_words_has(&look->values, value);
}

/* A value with a NUL in it is not ours, whatever comes before. */
static enum ac_code keep_values(struct ac_dns_look *look,
                                const struct ac_dns_answer *answer,
                                struct ac_error *err)
{
    ac_words_done(&look->values);
    for (size_t i = 0; i < answer->count; i++) {
        const struct ac_dns_record *record = &answer->records[i];
        if (record->is_authority || record->type != AC_DNS_TXT
            || look->values.count >= AC_DNS_VALUES_MAX
            || strlen(record->data) != record->data_size)
            continue;
        AC_TRY(ac_words_add(&look->values, record->data, err));
    }
    return AC_OK;
}

/* Why an answer does not count, or NULL. */
static const char *find_fault(const struct ac_dns_query *query)
{
    int rcode = query->answer.rcode;

    if (query->outcome != AC_DNS_ANSWERED
        || (rcode != AC_DNS_NOERROR && rcode != AC_DNS_NXDOMAIN))
        return ac_dns_outcome_text(query);
    if (!query->is_recursive && !query->answer.is_authoritative)
        return "it does not serve this zone (not authoritative)";
    return NULL;
}

enum ac_code ac_dns_spot_take(struct ac_dns_spot *spot, size_t index,
                              const struct ac_dns_query *query, struct ac_error *err)
{
    struct ac_dns_look *look = &spot->looks[index];
    const char *fault = NULL;

    if (query->outcome == AC_DNS_UNASKED)
        return AC_OK;
    fault = find_fault(query);
    if (fault) {
        look->text = fault;
        look->is_answer = false;
        return AC_OK;
    }
    look->is_answer = true;
    look->text = query->answer.rcode == AC_DNS_NXDOMAIN ? "no such name yet (NXDOMAIN)"
                                                        : "no TXT record yet";
    return keep_values(look, &query->answer, err);
}

struct ac_dns_sight ac_dns_spot_sight(const struct ac_dns_spot *spot, size_t index,
                                      const char *value)
{
    const struct ac_dns_look *look = &spot->looks[index];
    struct ac_dns_sight sight = { .text = look->text };

    /* What was seen once was served; a lost answer later does not change that. */
    if (ac_dns_look_has(look, value)) {
        sight.seen = AC_DNS_SEEN_VALUE;
        sight.text = "has it";
    } else if (look->is_answer) {
        sight.seen = AC_DNS_SEEN_MISSING;
        if (look->values.count > 0)
            sight.text = "has other values, not this one";
    }
    return sight;
}
