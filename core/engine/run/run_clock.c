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
 * for the rest of the run, because it is the one that certificates are dated by. A CA
 * may be wrong itself: then another one that has our time speaks for us.
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

static bool is_apart(int64_t ahead_s)
{
    return ahead_s < -APART_MAX_S || ahead_s > APART_MAX_S;
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

static void tell_odd_one(const struct ac_authorities_clocks *clocks)
{
    int64_t ahead_s = clocks->farthest_s;
    char ours[AC_CLOCK_TEXT_SIZE];
    char span[SPAN_SIZE];

    ac_log_say(AC_LOG_WARN,
               "the clock of %s is %s %s this machine's (%s), which %s says, too: that "
               "CA's does not count",
               ac_authority_url(clocks->farthest),
               say_span(ahead_s < 0 ? -ahead_s : ahead_s, span),
               ahead_s < 0 ? "behind" : "ahead of",
               ac_clock_format(ac_clock_utc(), ours),
               ac_authority_url(clocks->nearest));
}

/* One that answers after ours was found right is odd all the same; once is enough. */
static void look_for_odd_one(struct ac_run *run,
                             const struct ac_authorities_clocks *clocks)
{
    if (!run->awaits_odd_clock || !is_apart(clocks->farthest_s))
        return;
    run->awaits_odd_clock = false;
    tell_odd_one(clocks);
}

static void settle(struct ac_run *run, const struct ac_authorities_clocks *clocks)
{
    bool is_wrong = is_apart(clocks->nearest_s);

    run->knows_clock = true;
    run->awaits_odd_clock = !is_wrong;
    look_for_odd_one(run, clocks);
    if (is_wrong) {
        tell(clocks->nearest, clocks->nearest_s);
        ac_clock_correct(ac_clock_correction() + clocks->nearest_s);
    }
}

static bool is_asked_for(const struct ac_run *run)
{
    return run->settings.follows_clock && run->authorities;
}

void ac_run_adopt_clock(struct ac_run *run)
{
    if (!is_asked_for(run) || (run->knows_clock && !run->awaits_odd_clock))
        return;
    const struct ac_authorities_clocks clocks = ac_authorities_clocks(run->authorities);
    bool is_early = run->weighs_clock || clocks.is_waiting;
    if (run->knows_clock) {
        look_for_odd_one(run, &clocks);
    } else if (clocks.nearest && !(is_apart(clocks.nearest_s) && is_early)) {
        settle(run, &clocks);
    }
}

void ac_run_settle_clock(struct ac_run *run)
{
    run->weighs_clock = false;
    if (!is_asked_for(run) || run->knows_clock)
        return;
    const struct ac_authorities_clocks clocks = ac_authorities_clocks(run->authorities);
    if (clocks.nearest)
        settle(run, &clocks);
}

enum ac_code ac_run_learn_clock(struct ac_run *run, const struct ac_wanted *wanted,
                                struct ac_error *err)
{
    const struct ac_authority_place place =
        ac_authority_place_of(wanted, wanted->directory_url);
    int64_t until_ms = ac_run_courtesy_until_ms(run, AC_RUN_CLOCK_MS);
    struct ac_authority *authority;
    struct ac_error why = { 0 };

    run->weighs_clock = true;
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
