/* SPDX-License-Identifier: Apache-2.0 */
#include "challenge.h"
#include "vector.h"

AC_TEST(good_challenges_pass)
{
    struct acmecore_challenge address = http_1;

    address.identifier = "2001:db8::1";

    CU_ASSERT_PTR_NULL(exec_challenge_check(&dns_1));
    CU_ASSERT_PTR_NULL(exec_challenge_check(&dns_2));
    CU_ASSERT_PTR_NULL(exec_challenge_check(&http_1));
    CU_ASSERT_PTR_NULL(exec_challenge_check(&address));
    CU_ASSERT_PTR_NULL(exec_challenge_check(&persist_1));
}

AC_TEST(hostile_names_and_tokens_are_refused)
{
    static const char *const hostile[] = { "",     "-x",       "a b", "a\nb",
                                           "a;b",  "$(x)",     "a/b", "`x`",
                                           "a\"b", "\xC3\xA4", "a'b" };

    for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
        struct acmecore_challenge name = dns_1;
        struct acmecore_challenge record = dns_1;
        struct acmecore_challenge zone = dns_2;

        name.identifier = hostile[i];
        record.record_name = hostile[i];
        zone.record_zone = hostile[i];
        CU_ASSERT_STRING_EQUAL(exec_challenge_check(&name),
                               "it is no name and no address");
        CU_ASSERT_STRING_EQUAL(exec_challenge_check(&record),
                               "the name of its record is no DNS name");
        CU_ASSERT(i == 0 || exec_challenge_check(&zone) != NULL);
    }
}

AC_TEST(token_that_is_a_path_is_refused)
{
    struct acmecore_challenge challenge = http_1;

    challenge.token = "../../etc/x";
    CU_ASSERT_STRING_EQUAL(exec_challenge_check(&challenge),
                           "its token is not base64url");
    challenge.token = NULL;
    CU_ASSERT_STRING_EQUAL(exec_challenge_check(&challenge),
                           "its token is not base64url");
    challenge.token = "ok";
    challenge.key_authorization = "a b";
    CU_ASSERT_STRING_EQUAL(exec_challenge_check(&challenge),
                           "its key authorization is not base64url");
    challenge.key_authorization = "a.b";
    challenge.type = "x y";
    CU_ASSERT_STRING_EQUAL(exec_challenge_check(&challenge), "its type is not a word");
}

AC_TEST(record_must_be_there_and_printable)
{
    struct acmecore_challenge challenge = dns_1;

    challenge.record_value = "a\x1b[31m";
    CU_ASSERT_STRING_EQUAL(exec_challenge_check(&challenge),
                           "the value of its record is not printable");
    challenge.record_value = NULL;
    CU_ASSERT_PTR_NOT_NULL(exec_challenge_check(&challenge));
    challenge.record_name = NULL;
    CU_ASSERT_PTR_NOT_NULL(exec_challenge_check(&challenge));
}

AC_TEST(sizes_are_bounded)
{
    static char large[EXEC_KEY_AUTH_MAX + 2];
    struct acmecore_challenge challenge = dns_1;

    memset(large, 'a', sizeof(large) - 1);
    challenge.identifier = large;
    CU_ASSERT_PTR_NOT_NULL(exec_challenge_check(&challenge));
    challenge = dns_1;
    challenge.key_authorization = large;
    CU_ASSERT_PTR_NOT_NULL(exec_challenge_check(&challenge));
    challenge = dns_1;
    challenge.record_value = large;
    CU_ASSERT_PTR_NOT_NULL(exec_challenge_check(&challenge));
}

AC_TEST(zone_of_a_shorter_struct_is_not_read)
{
    struct acmecore_challenge challenge = dns_2;

    CU_ASSERT_STRING_EQUAL(exec_challenge_zone(&challenge), "example.org");
    challenge.struct_size = offsetof(struct acmecore_challenge, record_zone);
    CU_ASSERT_STRING_EQUAL(exec_challenge_zone(&challenge), "");
}

AC_SUITE("dns01-exec/challenge", AC_CASE(good_challenges_pass),
         AC_CASE(hostile_names_and_tokens_are_refused),
         AC_CASE(token_that_is_a_path_is_refused),
         AC_CASE(record_must_be_there_and_printable), AC_CASE(sizes_are_bounded),
         AC_CASE(zone_of_a_shorter_struct_is_not_read))
