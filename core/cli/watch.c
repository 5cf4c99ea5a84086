/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/watch.h"

#include "base/clock.h"
#include "base/log.h"
#include "cli/renew.h"
#include "cli/service.h"
#include "engine/loop_vigil.h"

#include <signal.h>

/* A context of its own, so that nothing of a look outlives it, but what a full disk
 * does not take. */
static enum ac_code look(const struct ac_options *options, struct ac_unnoted *unnoted,
                         struct ac_round *ret_round, bool *ret_again,
                         struct ac_error *err)
{
    struct ac_context context = { .outlives_hangup = true, .unnoted = unnoted };

    ac_terminal_init(&context.terminal, options->is_quiet, !options->has_no_color);
    enum ac_code code = ac_context_init(&context, options, err);
    if (code == AC_OK) {
        /* The round may take hours, and whoever starts it waits for this. */
        ac_service_notify("READY=1\nSTATUS=looks at what is due");
        code = ac_renew_round(&context, true, ret_round, err);
    }
    *ret_again = context.run && ac_run_was_hung_up(context.run);
    ac_terminal_clear(&context.terminal);
    ac_context_done(&context);
    return code;
}

/* When to look again, not before and not after what is sensible. A look that failed has
 * no moment to offer. */
static int64_t choose_moment(const struct ac_round *round, bool has_failed)
{
    int64_t utc = ac_clock_utc();
    bool is_troubled = has_failed || round->is_to_rest;
    int64_t soonest =
        utc + (is_troubled ? AC_WATCH_TROUBLE_S : (int64_t)AC_WATCH_SHORTEST_S);
    int64_t latest = utc + AC_WATCH_LONGEST_S;
    int64_t at = round->look_at < latest ? round->look_at : latest;

    return at > soonest && !has_failed ? at : soonest;
}

/* trouble: what a person is to see who asks the service manager; "": none. */
static void tell_state(const char *trouble, int64_t until_utc)
{
    char text[AC_CLOCK_TEXT_SIZE];

    (void)ac_clock_format(until_utc, text);
    ac_service_notify("READY=1\nSTATUS=%s%slooks again at %s", trouble,
                      trouble[0] ? "; " : "", text);
    ac_log(AC_LOG_INFO, "watch.sleep", "until", text, NULL);
}

/* True when it is to end. */
static enum ac_code sleep_until(struct ac_vigil *vigil, int64_t until_utc,
                                bool *ret_is_end, struct ac_error *err)
{
    enum ac_vigil_reason reason;

    AC_TRY(ac_vigil_sleep(vigil, until_utc, &reason, err));
    *ret_is_end = reason == AC_VIGIL_END;
    if (reason == AC_VIGIL_RELOAD) {
        /* systemd wants the monotonic clock with it, in microseconds. */
        ac_service_notify("RELOADING=1\nMONOTONIC_USEC=%lld",
                          (long long)ac_clock_now_ms() * 1000);
        ac_log_say(AC_LOG_INFO, "SIGHUP: looking at everything again");
    }
    return AC_OK;
}

static const char *trouble_of(const struct ac_round *round, const struct ac_error *why)
{
    if (why->code != AC_OK)
        return why->detail;
    return round->is_misconfigured ? "the configuration is wrong" : "";
}

/* Whoever starts it is there to mend it; and what is held was looked at. */
static enum ac_code check_first(const struct ac_round *round, enum ac_code code,
                                const struct ac_error *why, struct ac_error *err)
{
    if (code == AC_E_USAGE) {
        *err = *why;
        return code;
    }
    if (code != AC_OK || !round->is_misconfigured)
        return AC_OK;
    return ac_fail(err, AC_E_USAGE,
                   "renew --watch does not begin with a configuration that is wrong "
                   "(acmecore config check tells all)");
}

enum ac_code ac_watch(const struct ac_options *options, struct ac_error *err)
{
    AC_AUTO(ac_vigil) *vigil = NULL;
    AC_AUTO(ac_unnoted) unnoted = { 0 };
    bool is_end = false;
    bool is_first = true;

    AC_TRY(ac_vigil_new(&vigil, err));
    while (!is_end) {
        struct ac_round round = { .look_at = AC_PLAN_NEVER };
        struct ac_error why = { 0 };
        bool again = false;
        enum ac_code code = look(options, &unnoted, &round, &again, &why);

        if (ac_clock_cancelled())
            break;
        if (is_first)
            AC_TRY(check_first(&round, code, &why, err));
        if (code != AC_OK)
            ac_log_say(AC_LOG_ERROR, "%s; looking again later", why.detail);
        int64_t until_utc =
            again ? ac_clock_utc() : choose_moment(&round, code != AC_OK);
        /* It sleeps by the machine's own clock, which may be set meanwhile. */
        until_utc -= ac_clock_correction();
        ac_clock_correct(0);
        tell_state(trouble_of(&round, &why), until_utc);
        is_first = false;
        AC_TRY(sleep_until(vigil, until_utc, &is_end, err));
    }
    ac_service_notify("STOPPING=1\nSTATUS=ends");
    ac_clock_cancel(0); /* it was asked to end, and did */
    return AC_OK;
}
