/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_look.h"

#include "deploy_stage.h"
#include "fake_proof.h"

static enum ac_code prepare(struct stage *stage, const char *timeout,
                            struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_held) held = { 0 };

    AC_TRY(ac_wanted_load(stage->store, "www", &wanted, err));
    struct ac_section *section = &wanted.installers[0].section;
    AC_TRY(ac_section_add(section, "probe", "[::1]:443", "test", err));
    AC_TRY(ac_section_add(section, "probe-timeout", timeout, "test", err));
    AC_TRY(ac_wanted_save(&wanted, stage->store, err));
    AC_TRY(ac_held_load(stage->store, "www", &held, err));
    (void)snprintf(fake_proof.fingerprint, sizeof fake_proof.fingerprint, "%s",
                   held.fingerprint);
    return AC_OK;
}

/* www, whose installer is to be looked at here; ours is what is seen. */
static enum ac_code begin(struct stage *stage, const char *timeout,
                          struct ac_error *err)
{
    memset(&fake_proof, 0, sizeof fake_proof);
    AC_TRY(stage_new(stage, "www", err));
    ac_allocation_pause();
    enum ac_code code = prepare(stage, timeout, err);
    ac_allocation_resume();
    return code;
}

AC_TEST(every_name_is_asked_for_and_a_wildcard_below)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE_OK(begin(&stage, "5", &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_proof.asked, "[::1]:443 example.org\n"
                                             "[::1]:443 acmecore-probe.example.org\n"
                                             "[::1]:443 192.0.2.1\n");
    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www live\n");
    CU_ASSERT_EQUAL(fake_proof.processes, 0);
}

AC_TEST(server_that_takes_a_moment_is_asked_again)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&stage, "5", &err));
    fake_proof.wrong_for = 1;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_EQUAL(fake_proof.rounds, 2);
    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www live\n");
}

AC_TEST(what_is_served_instead_is_told_and_rolled_back)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&stage, "1", &err));
    fake_proof.wrong_for = 1000;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    AC_REQUIRE_OK(stage_state(&stage, "www", &state, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www failed\n");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(state.deployments[0].message, "it serves something else"));
    CU_ASSERT_PTR_NOT_NULL(strstr(fake_installer.log, "rollback"));
    CU_ASSERT_EQUAL(fake_proof.processes, 0);
}

/* Addresses, of three names each: more than are asked about at once. */
#define MANY 30

static enum ac_code add_many(struct stage *stage, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_TRY(ac_wanted_load(stage->store, "www", &wanted, err));
    struct ac_section *section = &wanted.installers[0].section;
    for (int i = 1; i < MANY; i++) {
        AC_AUTO_TEXT char *address = NULL;

        AC_TRY(ac_memory_format(&address, err, "127.0.0.%d:443", i));
        AC_TRY(ac_section_add(section, "probe", address, "test", err));
    }
    return ac_wanted_save(&wanted, stage->store, err);
}

static int64_t real_utc(void)
{
    return (int64_t)time(NULL);
}

/* Deploys what has many names, each question about which takes so long. */
static enum ac_code deploy_many(struct stage *stage, int64_t takes_ms,
                                struct ac_error *err)
{
    AC_TRY(begin(stage, "1", err));
    AC_TRY(add_many(stage, err));
    fake_proof.takes_ms = takes_ms;
    fake_proof.reach = AC_DEPLOY_LOOK_AT_ONCE;
    ac_clock_fake(fake_proof_now_ms, real_utc);
    enum ac_code code = ac_deploy(&stage->settings, err);
    ac_clock_fake(NULL, NULL);
    return code;
}

AC_TEST(names_whose_turn_comes_after_the_time_are_looked_at_before_somebody_is_blamed)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(deploy_many(&stage, 3000, &err));

    CU_ASSERT_EQUAL(fake_proof.rounds, 2);
    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www live\n");
}

AC_TEST(names_that_the_run_has_no_time_for_are_no_reason_for_a_rollback)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(deploy_many(&stage, 2 * STAGE_MS, &err));

    CU_ASSERT_EQUAL(fake_proof.rounds, 1);
    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www live\n");
    CU_ASSERT_PTR_NULL(strstr(fake_installer.log, "rollback"));
}

AC_SUITE(
    "engine/deploy/deploy_look", AC_CASE(every_name_is_asked_for_and_a_wildcard_below),
    AC_CASE(server_that_takes_a_moment_is_asked_again),
    AC_CASE(what_is_served_instead_is_told_and_rolled_back),
    AC_CASE(
        names_whose_turn_comes_after_the_time_are_looked_at_before_somebody_is_blamed),
    AC_CASE(names_that_the_run_has_no_time_for_are_no_reason_for_a_rollback))
