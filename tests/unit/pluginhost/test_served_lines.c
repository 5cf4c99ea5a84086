/* SPDX-License-Identifier: Apache-2.0 */
#include "talking.h"

#define CAPABILITIES "\"IMPLEMENTATION\" \"it\"\r\n\"SASL\" \"\"\r\n"

AC_TEST(sieve_begins_tls_where_it_is_offered)
{
    talk_in("sieve");
    CU_ASSERT_EQUAL(HEAR(CAPABILITIES "\"STARTTLS\"\r\n"), AC_TALK_MORE);
    CU_ASSERT_EQUAL(talk.sending_size, 0);
    CU_ASSERT_EQUAL(HEAR("OK \"hello\"\r\n"), AC_TALK_MORE);
    CU_ASSERT_TRUE(has_said("STARTTLS\r\n"));

    CU_ASSERT_EQUAL(HEAR("ok \"begin\"\r\n"), AC_TALK_READY);
}

AC_TEST(sieve_without_tls_is_told)
{
    talk_in("sieve");
    CU_ASSERT_EQUAL(HEAR(CAPABILITIES "OK\r\n"), AC_TALK_FAILED);
    CU_ASSERT_TRUE(has_reason("does not offer STARTTLS (sieve)"));
    talk_in("sieve");
    CU_ASSERT_EQUAL(HEAR("\"STARTTLS\"\r\nOK\r\nNO \"later\"\r\n"), AC_TALK_FAILED);

    CU_ASSERT_TRUE(has_reason("refuses STARTTLS (sieve): NO \"later\""));
}

AC_TEST(nntp_begins_tls_after_382)
{
    talk_in("nntp");
    CU_ASSERT_EQUAL(HEAR("201 hello\r\n"), AC_TALK_MORE);
    CU_ASSERT_TRUE(has_said("STARTTLS\r\n"));

    CU_ASSERT_EQUAL(HEAR("382 go on\n"), AC_TALK_READY);
}

AC_TEST(nntp_that_refuses_is_told_in_its_own_words)
{
    talk_in("nntp");
    CU_ASSERT_EQUAL(HEAR("502 not for \033you\r\n"), AC_TALK_FAILED);
    CU_ASSERT_TRUE(has_reason("(nntp): 502 not for \\x1Byou"));
    talk_in("nntp");

    CU_ASSERT_EQUAL(HEAR("200 hello\r\n580 no\r\n"), AC_TALK_FAILED);
}

AC_SUITE("pluginhost/served_lines", AC_CASE(sieve_begins_tls_where_it_is_offered),
         AC_CASE(sieve_without_tls_is_told), AC_CASE(nntp_begins_tls_after_382),
         AC_CASE(nntp_that_refuses_is_told_in_its_own_words))
