/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/known.h"

#include "check.h"

#include <string.h>

#define START 1735790400 /* 2025-01-02T04:00:00Z */

static enum ac_code copy(const char *text, char **ret_copy, struct ac_error *err)
{
    return ac_memory_copy_text(text, ret_copy, err);
}

static enum ac_code fill(struct ac_held *held, struct ac_error *err)
{
    struct ac_state *state = &held->state;

    AC_TRY(copy("0a", &held->serial, err));
    AC_TRY(copy("0a", &state->origin.serial, err));
    AC_TRY(copy("short", &state->origin.profile, err));
    state->renewal.start = START;
    state->renewal.end = START + 20;
    state->renewal.selected_at = START + 7;
    return copy("https://ca.test/why", &state->renewal.explanation_url, err);
}

AC_TEST(window_instant_and_explanation_are_shown)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(fill(&held, &err));
    AC_REQUIRE_OK(ac_known_add(&held, &text, &err));

    CU_ASSERT_STRING_EQUAL(
        ac_text_get(&text),
        "  profile      short\n"
        "  window       2025-01-02T04:00:00Z to 2025-01-02T04:00:20Z, as the CA "
        "suggests; chosen: 2025-01-02T04:00:07Z\n"
        "               https://ca.test/why\n");
}

AC_TEST(what_is_of_another_version_is_not_shown)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(fill(&held, &err));
    held.serial[0] = '1';
    AC_REQUIRE_OK(ac_known_add(&held, &text, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&text), "");
}

AC_TEST(revocation_and_failures_are_shown)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_text) text = { 0 };
    char reason[] = "keyCompromise";
    const struct ac_state_revoked revoked = { .reason = reason,
                                              .revoked_at = START,
                                              .is_key_compromised = true };
    const struct ac_error why = { .code = AC_E_NETWORK, .detail = "no route" };

    AC_REQUIRE_OK(copy("0a", &held.serial, &err));
    AC_REQUIRE_OK(ac_state_note_failure(&held.state, &why, START, START + 60, &err));
    held.revoked = &revoked;
    AC_REQUIRE_OK(ac_known_add(&held, &text, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&text),
                           "  revoked      2025-01-02T04:00:00Z, keyCompromise; its "
                           "key is not used again\n"
                           "  failed       2025-01-02T04:00:00Z, 1 in a row: no route\n"
                           "  next try     2025-01-02T04:01:00Z\n");
}

AC_SUITE("cli/known", AC_CASE(window_instant_and_explanation_are_shown),
         AC_CASE(what_is_of_another_version_is_not_shown),
         AC_CASE(revocation_and_failures_are_shown))
