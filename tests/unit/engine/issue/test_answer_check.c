/* SPDX-License-Identifier: Apache-2.0 */
/* What a look sees is in test_answer.c and test_selfcheck.c. */
#include "engine/issue/answer_check.h"

#include "check.h"
#include "fake_ca.h"

#define CROWD   100
#define SLOW_MS 4000 /* of one that answers just in time */
#define SIGNED  "token.print"

/* What becomes of an answer of this type when it is in place. */
static enum ac_answer_status status_of(const char *type, enum ac_selfcheck_mode mode,
                                       struct ac_error *err)
{
    const struct acmecore_challenge challenge = { .struct_size = sizeof challenge,
                                                  .type = type,
                                                  .identifier = "a.test",
                                                  .token = "token",
                                                  .key_authorization = SIGNED };
    struct ac_answer answer = { .self_check = mode };
    enum ac_answer_status status = AC_ANSWER_GONE;

    if (ac_batch_add(&answer.one, &challenge, err) == AC_OK) {
        ac_answer_check_begin(&answer);
        status = answer.status;
    }
    ac_answer_done(&answer);
    return status;
}

AC_TEST(what_is_not_looked_at_is_ready)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());

    CU_ASSERT_EQUAL(status_of("http-01", AC_SELFCHECK_OFF, &err), AC_ANSWER_READY);
    CU_ASSERT_EQUAL(status_of("dns-01", AC_SELFCHECK_REQUIRE, &err), AC_ANSWER_READY);
}

/* ---- many at once */

struct crowd {
    struct ac_answer items[CROWD];
    struct ac_answer *list[CROWD];
};

static void crowd_drop(struct crowd *crowd)
{
    for (size_t i = 0; i < CROWD; i++)
        ac_answer_done(&crowd->items[i]);
}

static enum ac_code crowd_begin(struct crowd *crowd, struct ac_error *err)
{
    const struct acmecore_challenge challenge = { .struct_size = sizeof challenge,
                                                  .type = "http-01",
                                                  .identifier = "a.test",
                                                  .token = "token",
                                                  .key_authorization = SIGNED };

    fake_ca_begin();
    for (size_t i = 0; i < CROWD; i++) {
        crowd->list[i] = &crowd->items[i];
        crowd->items[i].self_check = AC_SELFCHECK_REQUIRE;
        AC_TRY(ac_batch_add(&crowd->items[i].one, &challenge, err));
        ac_answer_check_begin(&crowd->items[i]);
    }
    return AC_OK;
}

static size_t crowd_count(const struct crowd *crowd, enum ac_answer_status status)
{
    size_t count = 0;

    for (size_t i = 0; i < CROWD; i++)
        count += crowd->items[i].status == status;
    return count;
}

#define CROWDED __attribute__((cleanup(crowd_drop))) struct crowd

AC_TEST(of_many_only_some_are_under_way_and_each_has_its_own_time)
{
    struct ac_error err = { 0 };
    CROWDED crowd = { 0 };

    AC_REQUIRE_OK(crowd_begin(&crowd, &err));
    fake_ca_rule(
        (struct fake_rule){ .url = "http://", .times = CROWD, .body = SIGNED });
    CU_ASSERT_TRUE(ac_answer_check_can_start(crowd.list, CROWD));
    AC_REQUIRE(!ac_answer_check_step(NULL, crowd.list, CROWD));
    CU_ASSERT_EQUAL(fake_ca.under_way, AC_ANSWER_CHECKS_MAX);
    CU_ASSERT_FALSE(ac_answer_check_can_start(crowd.list, CROWD));

    fake_ca.now_ms += SLOW_MS;
    fake_ca_turn();
    AC_REQUIRE(!ac_answer_check_step(NULL, crowd.list, CROWD));
    CU_ASSERT_EQUAL(crowd_count(&crowd, AC_ANSWER_READY), AC_ANSWER_CHECKS_MAX);
    CU_ASSERT_EQUAL(fake_ca.under_way, CROWD - AC_ANSWER_CHECKS_MAX);
    CU_ASSERT_EQUAL(crowd.items[CROWD - 1].exchange->deadline_ms,
                    fake_ca.now_ms + AC_SELFCHECK_MS);

    fake_ca_turn();
    AC_REQUIRE(!ac_answer_check_step(NULL, crowd.list, CROWD));
    CU_ASSERT_EQUAL(crowd_count(&crowd, AC_ANSWER_READY), CROWD);
    CU_ASSERT_EQUAL(fake_ca_left_over(), 0);
    CU_ASSERT_EQUAL(fake_ca.gets, CROWD);
}

AC_TEST(one_that_cannot_be_started_has_failed_and_says_so_at_once)
{
    struct ac_error err = { 0 };
    CROWDED crowd = { 0 };

    AC_REQUIRE_OK(crowd_begin(&crowd, &err));
    fake_ca.request_count = FAKE_REQUESTS; /* it is full */
    CU_ASSERT_TRUE(ac_answer_check_step(NULL, crowd.list, CROWD));

    CU_ASSERT_EQUAL(crowd_count(&crowd, AC_ANSWER_FAILED), CROWD);
    CU_ASSERT_FALSE(ac_answer_check_can_start(crowd.list, CROWD));
}

AC_SUITE("engine/answer_check", AC_CASE(what_is_not_looked_at_is_ready),
         AC_CASE(of_many_only_some_are_under_way_and_each_has_its_own_time),
         AC_CASE(one_that_cannot_be_started_has_failed_and_says_so_at_once))
