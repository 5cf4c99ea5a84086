/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_parts.h"

#include "base/clock.h"
#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>

/*
 * A clock that is ahead by months makes everything due, again at each run, and uses up
 * what the CA allows in a week; one that is behind lets everything expire. The CA says
 * with its first answer what time it is: where the two are far apart, its time counts
 * for the rest of the run, because it is the one that certificates are dated by.
 */

#define APART_MAX_S 1800
#define SPAN_SIZE   32

bool ac_run_knows_clock(const struct ac_run *run)
{
    return run->knows_clock;
}

static const char *say_span(int64_t seconds, char text[SPAN_SIZE])
{
    int64_t hours = seconds / 3600;

    if (hours >= 48) {
        (void)snprintf(text, SPAN_SIZE, "%" PRId64 " days", hours / 24);
    } else if (hours >= 2) {
        (void)snprintf(text, SPAN_SIZE, "%" PRId64 " hours", hours);
    } else {
        (void)snprintf(text, SPAN_SIZE, "%" PRId64 " minutes", seconds / 60);
    }
    return text;
}

static void tell(const struct ac_authority *authority, int64_t ahead_s)
{
    char ours[AC_CLOCK_TEXT_SIZE];
    char span[SPAN_SIZE];

    ac_log_say(AC_LOG_WARN,
               "this machine's clock (%s) is %s %s that of %s: the CA's counts until "
               "it is set (with --trust-clock this machine's does)",
               ac_clock_format(ac_clock_utc(), ours),
               say_span(ahead_s < 0 ? -ahead_s : ahead_s, span),
               ahead_s < 0 ? "ahead of" : "behind", ac_authority_url(authority));
}

void ac_run_adopt_clock(struct ac_run *run)
{
    int64_t ahead_s = 0;

    if (!run->settings.follows_clock || run->knows_clock || !run->authorities)
        return;
    const struct ac_authority *authority =
        ac_authorities_clock(run->authorities, &ahead_s);
    if (!authority)
        return;
    run->knows_clock = true;
    if (ahead_s >= -APART_MAX_S && ahead_s <= APART_MAX_S)
        return;
    tell(authority, ahead_s);
    ac_clock_correct(ac_clock_correction() + ahead_s);
}

enum ac_code ac_run_learn_clock(struct ac_run *run, const struct ac_wanted *wanted,
                                struct ac_error *err)
{
    const struct ac_authority_place place =
        ac_authority_place_of(wanted, wanted->directory_url);
    int64_t until_ms = ac_run_courtesy_until_ms(run, AC_RUN_CLOCK_MS);
    struct ac_authority *authority;
    struct ac_error why = { 0 };

    AC_TRY(ac_run_connect(run, err));
    enum ac_code code = ac_authorities_get(run->authorities, &place, &authority, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK || run->knows_clock)
        return AC_OK; /* its renewal says what is wrong */
    struct ac_client *client = ac_authority_client(authority);
    ac_client_open(client);
    while (!ac_client_is_open(client) && ac_clock_now_ms() < until_ms) {
        AC_TRY(ac_run_check_time(AC_CLOCK_NEVER, err));
        AC_TRY(ac_run_turn(run, until_ms, err));
    }
    return AC_OK;
}
