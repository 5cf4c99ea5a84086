/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/standing.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/version.h"

#include <string.h>

void ac_standing_done(struct ac_standing *standing)
{
    ac_wanted_done(&standing->remembered);
    ac_held_done(&standing->held);
}

/*
 * What is damaged is issued again, because a timer would find it damaged for ever. But
 * not where the new version could not become current: that would issue for ever.
 */
static enum ac_code note_damage(struct ac_context *context, const char *name,
                                const struct ac_error *why, struct ac_error *err)
{
    struct ac_error ignored;
    unsigned number;

    if (ac_version_current(context->store, name, &number, &ignored) == AC_E_STORE)
        return ac_fail(err, AC_E_STORE, "%s", why->detail);
    ac_log_say(AC_LOG_WARN, "certificate \"%s\" is damaged (%s): issuing it again",
               name, why->detail);
    return AC_OK;
}

/* Loads what is held if it is whole; else standing->held stays empty. */
static enum ac_code look_held(struct ac_context *context, struct ac_standing *standing,
                              const char *name, struct ac_error *err)
{
    AC_AUTO(ac_held) held = { 0 };
    struct ac_error why = { 0 };

    enum ac_code code = ac_held_load(context->store, name, &held, &why);
    if (code == AC_OK)
        code = ac_held_check(context->store, &held, &why);
    if (code == AC_E_NOTFOUND)
        return AC_OK;
    if (code == AC_E_STORE)
        return note_damage(context, name, &why, err);
    if (code == AC_E_USAGE)
        ac_log_say(AC_LOG_WARN, "%s", why.detail);
    if (code != AC_OK && code != AC_E_USAGE)
        return ac_fail(err, code, "%s", why.detail);
    standing->held = held;
    held = (struct ac_held){ 0 };
    return AC_OK;
}

static void tell_other_ca(const struct ac_wanted *wanted,
                          const struct ac_wanted *remembered)
{
    if (strcmp(wanted->directory_url, remembered->directory_url) != 0) {
        ac_log_say(AC_LOG_WARN, "certificate \"%s\" was issued by %s; asking %s now",
                   wanted->name, remembered->directory_url, wanted->directory_url);
    }
}

enum ac_code ac_standing_look(struct ac_context *context,
                              const struct ac_wanted *wanted,
                              struct ac_standing *standing, struct ac_error *err)
{
    bool is_same = true;

    enum ac_code code =
        ac_wanted_load(context->store, wanted->name, &standing->remembered, err);
    if (code == AC_E_NOTFOUND)
        return AC_OK;
    AC_TRY(code);
    tell_other_ca(wanted, &standing->remembered);
    if (context->options->is_forced
        || ac_held_is_in_flight(context->store, wanted->name, ac_clock_utc()))
        return AC_OK;
    AC_TRY(look_held(context, standing, wanted->name, err));
    standing->is_fresh = standing->held.name
                         && ac_held_is_fresh(&standing->held, wanted,
                                             &standing->remembered, ac_clock_utc());
    if (standing->is_fresh) {
        AC_TRY(
            ac_wanted_has_same_settings(wanted, &standing->remembered, &is_same, err));
    }
    standing->has_new_settings = !is_same;
    return AC_OK;
}
