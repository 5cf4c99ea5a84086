/* SPDX-License-Identifier: Apache-2.0 */
#include "../crl_holding.h"

#include "engine/held/crl_found.h"

#include <stdio.h>

/* What is looked at afterwards is not what is tested. */
static enum ac_code load(const struct ac_store *store, struct ac_state *state,
                         struct ac_error *err)
{
    ac_allocation_pause();
    enum ac_code code = ac_state_load(store, "www", state, err);
    ac_allocation_resume();
    return code;
}

/* What a list says of "www". */
static enum ac_code entry_of(const struct ac_store *store, int reason,
                             struct ac_crl_entry *ret_entry, struct ac_error *err)
{
    AC_AUTO(ac_state) state = { 0 };

    AC_TRY(load(store, &state, err));
    *ret_entry = (struct ac_crl_entry){ .reason = reason, .revoked_at = 1893460000 };
    (void)snprintf(ret_entry->serial, sizeof ret_entry->serial, "%s",
                   state.origin.serial);
    return AC_OK;
}

static enum ac_code find(struct ac_store *store, int reason, bool *ret_is_news,
                         struct ac_error *err)
{
    struct ac_crl_entry entry;

    AC_TRY(entry_of(store, reason, &entry, err));
    return ac_crl_found_revoked(store, "www", &entry, ret_is_news, err);
}

static enum ac_code fail_before(struct ac_store *store, struct ac_error *err)
{
    AC_AUTO(ac_state) state = { 0 };
    struct ac_error why = { .code = AC_E_NETWORK, .detail = "no route" };

    AC_TRY(load(store, &state, err));
    ac_allocation_pause();
    enum ac_code code =
        ac_state_note_failure(&state, &why, 1893459000, 1893559000, err);
    if (code == AC_OK)
        code = ac_state_save(&state, store, "www", err);
    ac_allocation_resume();
    return code;
}

AC_TEST(revoked_one_is_noted_with_its_reason_and_is_due_at_once)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };
    bool is_news = false;

    AC_REQUIRE_OK(crl_open_and_hold(&store, true, &err));
    AC_REQUIRE_OK(fail_before(store, &err));
    AC_REQUIRE_OK(find(store, 4, &is_news, &err));
    AC_REQUIRE_OK(load(store, &state, &err));

    CU_ASSERT_TRUE(is_news);
    AC_REQUIRE(state.revoked_count == 1);
    CU_ASSERT_STRING_EQUAL(state.revoked[0].reason, "superseded");
    CU_ASSERT_STRING_EQUAL(state.revoked[0].fingerprint, state.origin.fingerprint);
    CU_ASSERT_EQUAL(state.revoked[0].revoked_at, 1893460000);
    CU_ASSERT_EQUAL(state.revoked[0].version, 1);
    CU_ASSERT_FALSE(state.revoked[0].is_key_compromised);
    CU_ASSERT_EQUAL(state.trouble.next_attempt_at, 0);
}

AC_TEST(what_is_known_is_no_news_but_that_its_key_is_compromised)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };
    bool first = false;
    bool again = true;
    bool worse = false;
    bool better = true;

    AC_REQUIRE_OK(crl_open_and_hold(&store, true, &err));
    ac_allocation_pause(); /* the first test has run out of memory often enough */
    AC_REQUIRE_OK(find(store, 4, &first, &err));
    AC_REQUIRE_OK(find(store, 4, &again, &err));
    AC_REQUIRE_OK(find(store, AC_CRL_KEY_COMPROMISE, &worse, &err));
    AC_REQUIRE_OK(find(store, 4, &better, &err));
    ac_allocation_resume();
    AC_REQUIRE_OK(load(store, &state, &err));

    CU_ASSERT_TRUE(first && !again && worse && !better);
    AC_REQUIRE(state.revoked_count == 1);
    CU_ASSERT_TRUE(state.revoked[0].is_key_compromised);
}

AC_TEST(one_that_was_replaced_meanwhile_is_left_alone)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };
    struct ac_crl_entry entry = { .serial = "0102" };
    bool is_news = false;

    AC_REQUIRE_OK(crl_open_and_hold(&store, true, &err));
    enum ac_code code = ac_crl_found_revoked(store, "www", &entry, &is_news, &err);
    AC_REQUIRE_OK(load(store, &state, &err));

    CU_ASSERT_EQUAL(code, AC_E_NOTFOUND);
    CU_ASSERT_EQUAL(state.revoked_count, 0);
}

AC_TEST(one_that_a_run_works_on_is_left_to_it)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_lock) *lock = NULL;
    bool is_news = false;

    AC_REQUIRE_OK(crl_open_and_hold(&store, true, &err));
    AC_REQUIRE_OK(ac_store_lock(store, AC_STORE_CERTIFICATES, "www", &lock, &err));
    enum ac_code code = find(store, 4, &is_news, &err);

    CU_ASSERT_EQUAL(code, AC_E_LOCKED);
}

AC_TEST(hold_is_noted_until_it_is_over)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) held = { 0 };
    AC_AUTO(ac_state) free_again = { 0 };
    struct ac_crl_entry entry;
    bool is_news[3] = { false, true, false };

    AC_REQUIRE_OK(crl_open_and_hold(&store, true, &err));
    AC_REQUIRE_OK(entry_of(store, AC_CRL_ON_HOLD, &entry, &err));
    AC_REQUIRE_OK(
        ac_crl_found_on_hold(store, "www", entry.serial, 77, &is_news[0], &err));
    ac_allocation_pause();
    AC_REQUIRE_OK(
        ac_crl_found_on_hold(store, "www", entry.serial, 77, &is_news[1], &err));
    ac_allocation_resume();
    AC_REQUIRE_OK(load(store, &held, &err));
    ac_allocation_pause();
    AC_REQUIRE_OK(
        ac_crl_found_on_hold(store, "www", entry.serial, 0, &is_news[2], &err));
    ac_allocation_resume();
    AC_REQUIRE_OK(load(store, &free_again, &err));

    CU_ASSERT_TRUE(is_news[0] && !is_news[1] && is_news[2]);
    CU_ASSERT_EQUAL(ac_state_on_hold_at(&held), 77);
    CU_ASSERT_EQUAL(held.revoked_count, 0);
    CU_ASSERT_EQUAL(ac_state_on_hold_at(&free_again), 0);
}

AC_SUITE("engine/crl_found",
         AC_CASE(revoked_one_is_noted_with_its_reason_and_is_due_at_once),
         AC_CASE(what_is_known_is_no_news_but_that_its_key_is_compromised),
         AC_CASE(one_that_was_replaced_meanwhile_is_left_alone),
         AC_CASE(one_that_a_run_works_on_is_left_to_it),
         AC_CASE(hold_is_noted_until_it_is_over))
