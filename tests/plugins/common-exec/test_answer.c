/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include <acmecore/plugin.h>

#include "check.h"
#include "words.h"

#include <string.h>

#define AUTO_ANSWERS __attribute__((cleanup(exec_answers_drop))) struct exec_answers *

static const char *parse(const char *text, size_t count, struct exec_answers **ret)
{
    return exec_answers_parse(text, strlen(text), count, ret);
}

AC_TEST(results_belong_to_challenges_in_order)
{
    AUTO_ANSWERS answers = NULL;
    const char *wrong = parse(" {\"results\": [{\"status\":\"ok\",\"data\":\"7\"}, "
                              "{\"status\":\"pending\",\"detail\":\"soon\"}, "
                              "{\"status\":\"error\",\"detail\":null,\"new\":1}]}\n",
                              3, &answers);

    AC_REQUIRE(!wrong && answers);

    CU_ASSERT_EQUAL(exec_answers_at(answers, 0).status, ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(exec_answers_at(answers, 0).data, "7");
    CU_ASSERT_STRING_EQUAL(exec_answers_at(answers, 0).detail, "");
    CU_ASSERT_EQUAL(exec_answers_at(answers, 1).status, ACMECORE_PENDING);
    CU_ASSERT_STRING_EQUAL(exec_answers_at(answers, 1).detail, "soon");
    CU_ASSERT_EQUAL(exec_answers_at(answers, 2).status, ACMECORE_E_REFUSED);
    CU_ASSERT_PTR_NULL(exec_answers_at(answers, 2).data);
}

AC_TEST(words_for_people_are_no_answer)
{
    static const char *const texts[] = { "", "  \n", "added 1 record\n", "[1]" };

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        AUTO_ANSWERS answers = NULL;

        CU_ASSERT_PTR_NULL(parse(texts[i], 1, &answers));
        CU_ASSERT_PTR_NULL(answers);
    }
}

AC_TEST(json_that_is_not_an_answer_is_refused)
{
    static const char *const texts[] = {
        "{",
        "{}",
        "{\"results\":{}}",
        "{\"results\":[]}",
        "{\"results\":[{\"status\":\"ok\"},{\"status\":\"ok\"}]}",
        "{\"results\":[{\"status\":\"fine\"}]}",
        "{\"results\":[{\"status\":0}]}",
        "{\"results\":[1]}",
        "{\"results\":[{\"status\":\"ok\",\"detail\":1}]}",
        "{\"results\":[{\"status\":\"ok\",\"data\":[]}]}",
        "{\"results\":[{\"status\":\"ok\",\"status\":\"ok\"}]}",
        "{\"results\":[{\"status\":\"ok\"}]} and more",
        "{\"results\":[{\"status\":\"ok\",\"data\":\"\\u0000\"}]}",
        "{\"results\":[{\"status\":\"\xff\"}]}",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        AUTO_ANSWERS answers = NULL;

        CU_ASSERT_PTR_NOT_NULL(parse(texts[i], 1, &answers));
        CU_ASSERT_PTR_NULL(answers);
    }
}

AC_TEST(data_is_bounded)
{
    static char text[EXEC_DATA_MAX + 100] =
        "{\"results\":[{\"status\":\"ok\",\"data\":\"";
    AUTO_ANSWERS answers = NULL;
    size_t head = strlen(text);

    memset(text + head, 'x', EXEC_DATA_MAX + 1);
    memcpy(text + head + EXEC_DATA_MAX + 1, "\"}]}", 5);

    CU_ASSERT_PTR_NOT_NULL(parse(text, 1, &answers));
}

AC_SUITE("common-exec/answer", AC_CASE(results_belong_to_challenges_in_order),
         AC_CASE(words_for_people_are_no_answer),
         AC_CASE(json_that_is_not_an_answer_is_refused), AC_CASE(data_is_bounded))
