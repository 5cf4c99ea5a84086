/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"

#include "fake_host.h"
#include "vector.h"

AC_TEST(batch_is_read_as_it_was_written)
{
    struct fake_host fake;
    AUTO_BATCH written = { .is_told = true };
    AUTO_BATCH read = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(batch_describe(&written, both, 2));
    written.is_told = true;
    AC_REQUIRE(batch_save(&fake.host, &written) == ACMECORE_OK);
    AC_REQUIRE(batch_load(&fake.host, &read) == ACMECORE_OK);

    CU_ASSERT_TRUE(read.is_told);
    CU_ASSERT_TRUE(json_equal(read.certificates, written.certificates));
}

AC_TEST(empty_batch_is_no_file)
{
    struct fake_host fake;
    AUTO_BATCH batch = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(batch_describe(&batch, both, 2)
               && batch_save(&fake.host, &batch) == ACMECORE_OK);
    batch_drop(&batch);
    AC_REQUIRE(batch_save(&fake.host, &batch) == ACMECORE_OK);
    AC_REQUIRE(batch_load(&fake.host, &batch) == ACMECORE_OK);

    CU_ASSERT_EQUAL(json_array_size(batch.certificates), 0);
}

AC_TEST(those_that_failed_are_left_out)
{
    static const int results[] = { ACMECORE_E_REFUSED, ACMECORE_OK };
    AUTO_BATCH batch = { 0 };
    AUTO_BATCH left_out = { 0 };

    AC_REQUIRE(batch_describe(&batch, both, 2));
    batch.is_told = true;
    AC_REQUIRE(batch_leave_out(&batch, results));
    AC_REQUIRE(batch_pick(&batch, true, &left_out));
    AC_REQUIRE(batch_pick(&batch, false, &batch));

    CU_ASSERT_EQUAL(json_array_size(batch.certificates), 1);
    CU_ASSERT_EQUAL(json_array_size(left_out.certificates), 1);
    CU_ASSERT_STRING_EQUAL(batch_text(json_array_get(batch.certificates, 0), "name"),
                           "mail");
    CU_ASSERT_STRING_EQUAL(batch_text(json_array_get(left_out.certificates, 0), "name"),
                           "www");
    CU_ASSERT_TRUE(batch.is_told && left_out.is_told);
}

AC_TEST(there_is_no_way_back_to_what_never_was)
{
    AUTO_BATCH batch = { 0 };
    const json_t *only = NULL;

    AC_REQUIRE(batch_describe(&batch, both, 2));
    AC_REQUIRE(batch_turn_back(&batch));
    only = json_array_get(batch.certificates, 0);

    CU_ASSERT_EQUAL(json_array_size(batch.certificates), 1);
    CU_ASSERT_STRING_EQUAL(batch_text(only, "name"), "www");
    CU_ASSERT_STRING_EQUAL(batch_text(only, "fingerprint"), "");
    CU_ASSERT_STRING_EQUAL(batch_text(only, "previous_path"), "");
}

AC_TEST(names_are_joined_and_missing_members_empty)
{
    AUTO_BATCH batch = { 0 };
    EXEC_AUTO_WORDS env = { 0 };
    const json_t *second = NULL;

    AC_REQUIRE(batch_describe(&batch, both, 2));
    batch_set_names(json_array_get(batch.certificates, 0), &env, "ALL", ',');
    AC_REQUIRE(!env.wrong);
    second = json_array_get(batch.certificates, 1);

    CU_ASSERT_STRING_EQUAL(exec_words_get(&env, "ALL"), "example.com,*.example.com");
    CU_ASSERT_STRING_EQUAL(batch_text(second, "key_path"), "");
    CU_ASSERT_STRING_EQUAL(batch_first_name(second), "*.example.com");
    CU_ASSERT_STRING_EQUAL(batch_first_name(NULL), "");
}

AC_TEST(damaged_file_is_told)
{
    static const char *const texts[] = { "", "{", "{\"certificates\":{}}",
                                         "{\"certificates\":[{\"identifiers\":[1]}]}" };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct fake_host fake;
        AUTO_BATCH batch = { 0 };

        AC_REQUIRE(fake_host_start(&fake, NULL)
                   && ac_test_write_file(ac_test_path("plugin-folder/" BATCH_FILE),
                                         texts[i], strlen(texts[i])));
        CU_ASSERT_EQUAL(batch_load(&fake.host, &batch), ACMECORE_E_SYSTEM);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, "which says what was deployed"));
    }
}

AC_SUITE("installer-exec/batch", AC_CASE(batch_is_read_as_it_was_written),
         AC_CASE(empty_batch_is_no_file), AC_CASE(those_that_failed_are_left_out),
         AC_CASE(there_is_no_way_back_to_what_never_was),
         AC_CASE(names_are_joined_and_missing_members_empty),
         AC_CASE(damaged_file_is_told))
