/* SPDX-License-Identifier: Apache-2.0 */
#include "vector.h"

#define LABEL     "a-label-of-a-name-that-is-about-as-long-as-one-can-be-at-all-in"
#define LONG_NAME LABEL "." LABEL "." LABEL

AC_TEST(whole_batch_is_one_document)
{
    static const char *const parts[] = {
        "{\"schema\":1,",
        "\"operation\":\"commit\",",
        "\"remaining_ms\":5000,",
        "\"folder\":\"/state\",",
        ("\"certificates\":[{\"name\":\"www\",\"identifiers\":[\"example.com\","
         "\"*.example.com\"],\"key_path\":\"/s/www/privkey.pem\","),
        "\"previous_path\":\"/s/old\",\"not_after\":2000000000,",
        "{\"name\":\"mail\",\"identifiers\":[\"*.example.com\"],\"key_path\":null,",
    };
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "native", PHASE_COMMIT));

    CU_ASSERT_STRING_EQUAL(v.argv, "/hook|--first|commit|");
    CU_ASSERT_EQUAL(v.child.input_size, strlen(v.child.input));
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        CU_ASSERT_PTR_NOT_NULL(strstr(v.child.input, parts[i]));
}

AC_TEST(shells_find_numbered_variables)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "native", PHASE_STAGE));

    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_COUNT"), "2");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_KEY_PATH_1"), "/s/www/privkey.pem");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_PREVIOUS_PATH_1"), "/s/old");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_IDENTIFIERS_2"), "*.example.com");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_KEY_PATH_2"), "");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_OPERATION"), "stage");
}

/* Of so many certificates the paths are more than a kernel takes. */
static bool write_large(struct vector *vector)
{
    static const struct acmecore_certificate *many[500];
    static const char *const names[] = { LONG_NAME ".a",
                                         LONG_NAME ".b",
                                         LONG_NAME ".c",
                                         LONG_NAME ".d",
                                         LONG_NAME ".e",
                                         LONG_NAME ".f",
                                         LONG_NAME ".g",
                                         LONG_NAME ".h",
                                         LONG_NAME ".i",
                                         LONG_NAME ".j",
                                         NULL };
    struct acmecore_certificate one = www;
    struct job job = { .verb = "commit", .folder = "/state", .remaining_ms = 5000 };

    one.identifiers = names;
    for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
        many[i] = &one;
    if (!batch_describe(&vector->batch, many, sizeof(many) / sizeof(many[0])))
        return false;
    job.command = &vector->command;
    job.certificates = vector->batch.certificates;
    dialect_compose(dialect_find("native"), &job, &vector->extra, &vector->child);
    return true;
}

AC_TEST(batch_that_fits_in_no_environment_is_on_stdin_alone)
{
    VECTOR(v);

    AC_REQUIRE(!ac_check_is_torture()); /* it would take too long */
    AC_REQUIRE(write_large(&v));

    AC_REQUIRE(!v.child.env.wrong && !v.child.argv.wrong);
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_COUNT"), "500");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_NAME_1"), "(none)");
    CU_ASSERT_TRUE(v.child.input_size > EXEC_WORDS_MAX);
}

AC_TEST(commands_are_not_shown_who_was_left_out)
{
    VECTOR(v);

    AC_REQUIRE(
        batch_describe(&v.batch, both, 2)
        && batch_leave_out(&v.batch, (int[]){ ACMECORE_E_TIMEOUT, ACMECORE_OK }));
    struct job job = { .verb = "rollback",
                       .command = &v.command,
                       .folder = "/state",
                       .certificates = v.batch.certificates };
    dialect_compose(dialect_find("native"), &job, &v.extra, &v.child);

    AC_REQUIRE(v.child.input != NULL);
    CU_ASSERT_PTR_NULL(strstr(v.child.input, BATCH_LEFT_OUT));
    CU_ASSERT_PTR_NOT_NULL(strstr(v.child.input, "\"www\""));
}

AC_SUITE("installer-exec/native", AC_CASE(whole_batch_is_one_document),
         AC_CASE(shells_find_numbered_variables),
         AC_CASE(batch_that_fits_in_no_environment_is_on_stdin_alone),
         AC_CASE(commands_are_not_shown_who_was_left_out))
