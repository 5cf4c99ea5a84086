/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/check/check_parts.h"

#include "base/clock.h"

#include <string.h>

#define LOOK_EVERY_MS 2000
#define LOOK_MS       180000 /* as long as visibility-timeout is by default */

/* Waits in the loop, so that a signal is noticed. */
static enum ac_code rest(const struct ac_check_work *work, struct ac_error *err)
{
    int64_t until_ms = ac_clock_after_ms(LOOK_EVERY_MS);

    while (ac_clock_now_ms() < until_ms && !ac_clock_cancelled())
        AC_TRY(ac_loop_turn(work->settings->loop, until_ms, err));
    return AC_OK;
}

/* Asks until the look at the name servers says `wanted`. */
static enum ac_code look_until(struct ac_check_work *work, const struct ac_batch *batch,
                               int wanted, const char *what, struct ac_error *err)
{
    int64_t until_ms = ac_clock_after_ms(LOOK_MS);
    struct ac_check_outcome outcome;

    for (;;) {
        AC_TRY(ac_check_perform(work, "probe", batch, false, &outcome, err));
        if (!ac_check_judge(work, what, &outcome, false) || outcome.status == wanted)
            return AC_OK;
        if (outcome.status != ACMECORE_PENDING && outcome.status != ACMECORE_OK)
            break;
        if (ac_clock_now_ms() >= until_ms)
            break;
        AC_TRY(rest(work, err));
    }
    ac_check_fail(work, "%s: %s", what,
                  outcome.detail[0] ? outcome.detail : "not within three minutes");
    return AC_OK;
}

/* Where the record really lies: the challenges are made anew with what the host has
 * found. Two values of one name, as a name and its wildcard have. */
static enum ac_code locate(struct ac_check_work *work, struct ac_batch *first,
                           struct ac_batch *second, struct ac_error *err)
{
    AC_AUTO(ac_batch) asked = { 0 };
    struct ac_check_outcome outcome;

    AC_TRY(ac_check_add(work, 1, 1, &asked, err));
    AC_TRY(ac_check_add(work, 1, 2, &asked, err));
    AC_TRY(ac_check_perform(work, "locate", &asked, false, &outcome, err));
    if (!ac_check_judge(work, "the place of the record", &outcome, true))
        return AC_OK;
    const struct ac_json *found =
        ac_json_at(ac_json_get(ac_check_reply(work), "results"), 0);
    for (size_t i = 0; i < asked.count; i++) {
        struct acmecore_challenge challenge = asked.items[i];
        challenge.record_name = ac_json_text_or(found, "name", challenge.record_name);
        challenge.record_zone = ac_json_text_or(found, "zone", challenge.record_zone);
        AC_TRY(ac_batch_add(i == 0 ? first : second, &challenge, err));
    }
    return AC_OK;
}

/* Also when one of the two is presented once more, as after a crash, both are there. */
static enum ac_code see(struct ac_check_work *work, const struct ac_batch *both,
                        const struct ac_batch *second, struct ac_error *err)
{
    struct ac_check_outcome outcome;

    AC_TRY(ac_check_perform(work, "present", both, false, &outcome, err));
    if (!ac_check_judge(work, "present", &outcome, true))
        return AC_OK;
    AC_TRY(ac_check_perform(work, "present", second, false, &outcome, err));
    if (!ac_check_judge(work, "present of one of two once more", &outcome, true))
        return AC_OK;
    return look_until(work, both, ACMECORE_OK,
                      "two values of one name seen at the name servers", err);
}

static enum ac_code write_and_remove(struct ac_check_work *work,
                                     const struct ac_batch *first,
                                     const struct ac_batch *second,
                                     struct ac_error *err)
{
    AC_AUTO(ac_batch) both = { 0 };
    struct ac_check_outcome outcome;

    AC_TRY(ac_batch_add(&both, &first->items[0], err));
    AC_TRY(ac_batch_add(&both, &second->items[0], err));
    AC_TRY(see(work, &both, second, err));
    AC_TRY(ac_check_perform(work, "cleanup", &both, false, &outcome, err));
    if (work->verdict != AC_VERDICT_PASSED
        || !ac_check_judge(work, "cleanup", &outcome, true))
        return AC_OK;
    AC_TRY(look_until(work, first, ACMECORE_PENDING, "gone again", err));
    if (work->verdict != AC_VERDICT_PASSED)
        return AC_OK;
    return look_until(work, second, ACMECORE_PENDING, "gone again", err);
}

enum ac_code ac_check_record(struct ac_check_work *work, struct ac_error *err)
{
    AC_AUTO(ac_batch) first = { 0 };
    AC_AUTO(ac_batch) second = { 0 };

    if (strncmp(work->type, "dns-", strlen("dns-")) != 0) {
        ac_check_skip(work, "it is no solver of DNS challenges");
        return AC_OK;
    }
    if (!work->settings->domain) {
        ac_check_skip(work, "no domain was given (-d example.com)");
        return AC_OK;
    }
    AC_TRY(ac_check_restart(work, AC_SERVICES_USUAL, err));
    AC_TRY(locate(work, &first, &second, err));
    if (first.count == 0 || second.count == 0)
        return AC_OK;
    return write_and_remove(work, &first, &second, err);
}
