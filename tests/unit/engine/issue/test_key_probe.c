/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/key_probe.h"

#include "account_stage.h"

#define TURNS 2000

static enum ac_code probe(struct account_stage *stage, bool reads_first,
                          enum ac_key_standing *ret_standing, struct ac_error *err)
{
    AC_AUTO(ac_key_probe) *made = NULL;
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(ac_account_file_open(stage->store, stage->folder, FAKE_DIRECTORY,
                                stage->client, &document, err));
    (void)talk_open(stage->client);
    AC_TRY(ac_key_probe_new(stage->client, reads_first, &made, err));
    for (int turn = 0; turn < TURNS; turn++) {
        ac_client_step(stage->client);
        ac_key_probe_step(made);
        if (ac_key_probe_is_done(made))
            return ac_key_probe_result(made, ret_standing, err);
        account_turn(stage, AC_CLOCK_NEVER);
    }
    return ac_fail(err, AC_E_SYSTEM, "it never ends");
}

struct answer {
    const char *url;
    long status;
    const char *headers, *body;
};

static void standing_is(bool reads_first, const struct answer *answers, size_t count,
                        enum ac_key_standing want)
{
    struct ac_error err = { 0 };
    ACCOUNT_STAGE stage = { 0 };
    enum ac_key_standing standing = AC_KEY_IS_REFUSED;

    AC_REQUIRE_OK(account_stage_begin(&stage, FAKE_DIRECTORY_BODY, &err));
    for (size_t i = 0; i < count; i++)
        account_says(answers[i].url, 1, answers[i].status, answers[i].headers,
                     answers[i].body);
    AC_REQUIRE_OK(probe(&stage, reads_first, &standing, &err));

    CU_ASSERT_EQUAL(standing, want);
    CU_ASSERT_EQUAL(fake_ca.posts, count);
    AC_REQUIRE_OK(ac_file_remove_tree(ac_test_path("state"), &err));
}

#define STANDING(reads_first, want, ...)                                               \
    standing_is(reads_first, (const struct answer[]){ __VA_ARGS__ },                   \
                AC_COUNT(((const struct answer[]){ __VA_ARGS__ })), want)

#define LOOKED_UP(status, headers, body)                                               \
    {                                                                                  \
        NEW_ACCOUNT, status, headers, body                                             \
    }
#define READ(status, body)                                                             \
    {                                                                                  \
        ACCOUNT_PATH, status, NULL, body                                               \
    }

AC_TEST(clear_answers_need_one_request)
{
    AC_REQUIRE(!ac_check_is_torture()); /* each case begins with an empty store */
    STANDING(false, AC_KEY_IS_OURS, LOOKED_UP(200, AT(FAKE_KID), VALID));
    STANDING(false, AC_KEY_IS_OTHERS, LOOKED_UP(200, AT(OTHER_KID), VALID));
    STANDING(false, AC_KEY_IS_UNKNOWN,
             LOOKED_UP(400, NULL, PROBLEM("accountDoesNotExist")));
    STANDING(true, AC_KEY_IS_OURS, READ(200, VALID));
}

AC_TEST(unclear_answers_are_asked_the_other_way)
{
    AC_REQUIRE(!ac_check_is_torture());
    STANDING(false, AC_KEY_IS_OURS, LOOKED_UP(403, NULL, PROBLEM("unauthorized")),
             READ(200, VALID));
    STANDING(false, AC_KEY_IS_REFUSED,
             LOOKED_UP(400, NULL, PROBLEM("externalAccountRequired")),
             READ(403, PROBLEM("unauthorized")));
    STANDING(true, AC_KEY_IS_UNKNOWN, READ(400, PROBLEM("malformed")),
             LOOKED_UP(400, NULL, PROBLEM("accountDoesNotExist")));
}

AC_TEST(account_that_ended_still_has_its_key)
{
    STANDING(false, AC_KEY_IS_OURS,
             LOOKED_UP(200, AT(FAKE_KID), "{\"status\":\"deactivated\"}"));
}

AC_TEST(trouble_of_the_ca_says_nothing_of_the_key)
{
    struct ac_error err = { 0 };
    ACCOUNT_STAGE stage = { 0 };
    enum ac_key_standing standing;

    AC_REQUIRE_OK(account_stage_begin(&stage, FAKE_DIRECTORY_BODY, &err));
    account_says(NEW_ACCOUNT, 99, 500, NULL, PROBLEM("serverInternal"));
    AC_REQUIRE_CODE(probe(&stage, false, &standing, &err), AC_E_PROBLEM);

    CU_ASSERT_EQUAL(err.http_status, 500);
}

AC_TEST(broken_connection_says_nothing_of_the_key)
{
    struct ac_error err = { 0 };
    ACCOUNT_STAGE stage = { 0 };
    enum ac_key_standing standing;

    AC_REQUIRE_OK(account_stage_begin(&stage, FAKE_DIRECTORY_BODY, &err));
    account_loses(NEW_ACCOUNT, 99);
    AC_REQUIRE_CODE(probe(&stage, false, &standing, &err), AC_E_NETWORK);
}

AC_SUITE("engine/key_probe", AC_CASE(clear_answers_need_one_request),
         AC_CASE(unclear_answers_are_asked_the_other_way),
         AC_CASE(account_that_ended_still_has_its_key),
         AC_CASE(trouble_of_the_ca_says_nothing_of_the_key),
         AC_CASE(broken_connection_says_nothing_of_the_key))
