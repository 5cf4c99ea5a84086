/* SPDX-License-Identifier: Apache-2.0 */
#include "talking.h"

/* Size, number 0, protocol 10, version "8", thread, salt, a zero, flags. */
#define GREETING(flags)                                                                \
    "\x13\x00\x00\x00\x0a"                                                             \
    "8\x00"                                                                            \
    "\x01\x00\x00\x00"                                                                 \
    "saltsalt"                                                                         \
    "\x00" flags "!"

AC_TEST(postgres_asks_and_gets_one_byte)
{
    talk_in("postgres");
    CU_ASSERT_EQUAL(talk.sending_size, 8);
    CU_ASSERT_EQUAL(memcmp(talk.sending, "\x00\x00\x00\x08\x04\xd2\x16\x2f", 8), 0);
    CU_ASSERT_EQUAL(HEAR("S"), AC_TALK_READY);
    talk_in("postgres");
    CU_ASSERT_EQUAL(HEAR("N"), AC_TALK_FAILED);
    CU_ASSERT_TRUE(has_reason("does not offer TLS (postgres)"));
    talk_in("postgres");

    CU_ASSERT_EQUAL(HEAR("E"), AC_TALK_FAILED);
}

AC_TEST(more_than_one_byte_of_postgres_was_smuggled_in)
{
    talk_in("postgres");

    CU_ASSERT_EQUAL(ac_talk_take(&talk, "SX", 2), AC_TALK_FAILED);
}

AC_TEST(mysql_greets_and_is_asked_without_an_answer)
{
    talk_in("mysql");
    CU_ASSERT_EQUAL(talk.sending_size, 0);
    CU_ASSERT_EQUAL(HEAR(GREETING("\xff\xff")), AC_TALK_MORE);

    CU_ASSERT_TRUE(talk.is_last);
    CU_ASSERT_EQUAL(talk.sending_size, 36);
    CU_ASSERT_EQUAL(memcmp(talk.sending, "\x20\x00\x00\x01\x00\x8a\x00\x00", 8), 0);
}

AC_TEST(mysql_without_tls_is_told)
{
    talk_in("mysql");
    CU_ASSERT_EQUAL(HEAR(GREETING("\xff\xf7")), AC_TALK_FAILED);
    CU_ASSERT_TRUE(has_reason("does not offer TLS (mysql)"));
    talk_in("mysql");
    CU_ASSERT_EQUAL(HEAR("\x0d\x00\x00\x00\xff\x10\x04#08004"
                         "full"),
                    AC_TALK_FAILED);

    CU_ASSERT_TRUE(has_reason("refuses the connection (mysql): full"));
}

AC_TEST(what_is_no_mysql_is_refused)
{
    static const struct {
        const char *bytes;
        size_t size;
    } bad[] = {
#define BAD(text) { text, sizeof(text) - 1 }
        BAD("220 mail"),
        BAD("\x00\x00\x00\x00"),
        BAD("\x05\x00\x00\x00\x0a"
            "8888"), /* a version without an end */
        BAD("\x05\x00\x00\x00\x0a"
            "8\x00"
            "xx"), /* too short for flags */
        BAD("\x01\x00\x00\x00\x09"),
        BAD("\x01\x00\x00\x00\xff"),
    };

    for (size_t i = 0; i < AC_COUNT(bad); i++) {
        talk_in("mysql");
        CU_ASSERT_EQUAL(hear_bytes(bad[i].bytes, bad[i].size), AC_TALK_FAILED);
    }
}

AC_SUITE("pluginhost/served_sql", AC_CASE(postgres_asks_and_gets_one_byte),
         AC_CASE(more_than_one_byte_of_postgres_was_smuggled_in),
         AC_CASE(mysql_greets_and_is_asked_without_an_answer),
         AC_CASE(mysql_without_tls_is_told), AC_CASE(what_is_no_mysql_is_refused))
