/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/twin.h"

#include "check.h"

/* Two answers of one solver; what is not given is alike. */
static bool is_twin(const struct acmecore_challenge *one,
                    const struct acmecore_challenge *other)
{
    struct ac_error err = { 0 };
    struct ac_answer first = { 0 };
    struct ac_answer second = { 0 };
    bool result = false;

    if (ac_batch_add(&first.one, one, &err) == AC_OK
        && ac_batch_add(&second.one, other, &err) == AC_OK)
        result = ac_answer_is_twin(&first, &second);
    ac_answer_done(&first);
    ac_answer_done(&second);
    return result;
}

static const struct acmecore_challenge file = { .struct_size = sizeof file,
                                                .type = "http-01",
                                                .identifier = "a.test",
                                                .token = "token",
                                                .key_authorization = "token.print" };
static const struct acmecore_challenge record = { .struct_size = sizeof record,
                                                  .type = "dns-01",
                                                  .identifier = "a.test",
                                                  .token = "token",
                                                  .key_authorization = "token.print",
                                                  .record_name =
                                                      "_acme-challenge.a.test",
                                                  .record_value = "value" };

AC_TEST(answers_are_the_same_when_all_that_is_seen_of_them_is)
{
    struct acmecore_challenge other = file;
    struct acmecore_challenge lying = record;

    AC_REQUIRE(!ac_check_is_torture());
    CU_ASSERT(is_twin(&file, &file));
    other.token = "other";
    CU_ASSERT_FALSE(is_twin(&file, &other));
    other = file;
    other.identifier = "b.test";
    CU_ASSERT_FALSE(is_twin(&file, &other));
    CU_ASSERT(is_twin(&record, &record));
    lying.token = "other"; /* nobody sees it */
    CU_ASSERT(is_twin(&record, &lying));
    lying.record_value = "other";
    CU_ASSERT_FALSE(is_twin(&record, &lying));
    lying = record;
    lying.record_name = "_acme-challenge.b.test";
    CU_ASSERT_FALSE(is_twin(&record, &lying));
    CU_ASSERT_FALSE(is_twin(&file, &record));
    CU_ASSERT_FALSE(is_twin(&record, &file));
}

AC_TEST(one_that_is_being_cleaned_up_inherits_nothing)
{
    struct ac_error err = { 0 };
    struct ac_answer first = { .status = AC_ANSWER_LEAVING };
    struct ac_answer second = { .status = AC_ANSWER_CLEANING };
    struct ac_answer *const both[] = { &first, &second };

    enum ac_code code = ac_batch_add(&first.one, &file, &err);
    if (code == AC_OK)
        code = ac_batch_add(&second.one, &file, &err);
    struct ac_answer *none =
        code == AC_OK ? ac_answer_find_heir(both, 2, &first) : NULL;
    second.status = AC_ANSWER_READY;
    struct ac_answer *heir =
        code == AC_OK ? ac_answer_find_heir(both, 2, &first) : NULL;
    ac_answer_done(&first);
    ac_answer_done(&second);

    AC_REQUIRE_OK(code);
    CU_ASSERT_PTR_NULL(none);
    CU_ASSERT_PTR_EQUAL(heir, &second);
}

AC_SUITE("engine/twin", AC_CASE(answers_are_the_same_when_all_that_is_seen_of_them_is),
         AC_CASE(one_that_is_being_cleaned_up_inherits_nothing))
